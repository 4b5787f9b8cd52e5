#include "model/backend/card.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(CardTest, NamesWhatTheModalityHasNotShown) {
  bundle::v1::Manifest manifest;
  manifest.set_modality(bundle::v1::MODALITY_CHEST_XRAY);
  EXPECT_THAT(MakeCard(manifest, 1), AllOf(HasSubstr("healthy lungs"), HasSubstr("the viewer's"),
                                           Not(HasSubstr("polyp"))));
  manifest.set_family(bundle::v1::FAMILY_PROLEARN);
  manifest.set_modality(bundle::v1::MODALITY_ENDOSCOPY);
  EXPECT_THAT(MakeCard(manifest, 1),
              AllOf(HasSubstr("without a polyp"), Not(HasSubstr("lung")), Not(HasSubstr("COVID"))));
}

TEST(CardTest, AdmitsWhatWasNotMeasured) {
  EXPECT_THAT(MakeCard(bundle::v1::Manifest(), 1),
              AllOf(HasSubstr("None were measured"), HasSubstr("is not calibrated"),
                    HasSubstr("| float16 | not measured |")));
}

}  // namespace
}  // namespace lingula
