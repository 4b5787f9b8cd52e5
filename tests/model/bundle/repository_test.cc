#include "model/bundle/bundle.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

using test::IsOkAndHolds;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class RepositoryTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"b/2", "b/10", "b/1", "a/7", ".git/1"}) {
      test::Put(root_.Sub(folder) + "/" + kManifestFile, "");
    }
    root_.Sub("a/8");                                            // no manifest
    test::Put(root_.Sub("a/latest") + "/" + kManifestFile, "");  // not a number
    test::Put(root_.Sub("a/09") + "/" + kManifestFile, "");      // not the number's own text
    test::Put(root_.path() + "/README.md", "not a folder");
  }
  std::string At(const std::string& folder) const { return root_.path() + "/" + folder; }
  test::TempFolder root_;
};

TEST_F(RepositoryTest, ListsByNameAndVersionNumber) {
  EXPECT_THAT(FindBundles(root_.path()),
              IsOkAndHolds(ElementsAre(At("a/7"), At("b/1"), At("b/2"), At("b/10"))));
}

TEST_F(RepositoryTest, FindsTheHighestOrTheOneNamed) {
  EXPECT_THAT(FindBundle(root_.path(), "b", ""), IsOkAndHolds(At("b/10")));
  EXPECT_THAT(FindBundle(root_.path(), "b", "2"), IsOkAndHolds(At("b/2")));
}

TEST_F(RepositoryTest, SaysWhatThereIsInstead) {
  EXPECT_THAT(FindBundle(root_.path(), "b", "3"),
              StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("b@3"), HasSubstr("b@10"))));
  EXPECT_THAT(FindBundle(root_.path(), "c", ""),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no model c;")));
  EXPECT_THAT(FindBundles(At("nowhere")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere")));
}

}  // namespace
}  // namespace lingula
