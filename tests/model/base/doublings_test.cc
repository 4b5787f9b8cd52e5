#include "model/base/doublings.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;

TEST(Doublings, EndWithTheMost) {
  EXPECT_THAT(Doublings(1), ElementsAre(1));
  EXPECT_THAT(Doublings(2), ElementsAre(1, 2));
  EXPECT_THAT(Doublings(6), ElementsAre(1, 2, 4, 6));
  EXPECT_THAT(Doublings(8), ElementsAre(1, 2, 4, 8));
  EXPECT_THAT(Doublings(12), ElementsAre(1, 2, 4, 8, 12));
}

}  // namespace
}  // namespace lingula
