#include "client/compare_verb.h"

#include <gmock/gmock.h>

#include <opencv2/core.hpp>

#include "model/image/mask.h"
#include "tests/client/command_test.h"

namespace lingula {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class CompareVerbTest : public test::CommandTest {
 protected:
  // A mask of 20 x 10 pixels with this rectangle in it.
  std::string Mask(const std::string& name, const cv::Rect& inside, cv::Size size = {20, 10}) {
    cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
    mask(inside) = 255;
    return Put(name, EncodeMaskPng(mask).value());
  }
  int Compare(std::vector<std::string> words) {
    words.insert(words.begin(), "compare");
    return Run(words);
  }
};

TEST_F(CompareVerbTest, MeasuresTwoRectangles) {
  // 4 x 4 and 4 x 4, two columns apart: 8 in both, 8 in each alone.
  const std::string a = Mask("a.png", {2, 2, 4, 4}), b = Mask("b.png", {4, 2, 4, 4});
  EXPECT_EQ(Compare({a, b}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("Dice 0.5000, Jaccard 0.3333, HD95 2.0 px\n"),
                                HasSubstr("in both"), HasSubstr("8       4.00\n")));
  EXPECT_EQ(Compare({a, b, "--json"}), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("\"pixels\":16,\"area_share\":0.080000"),
                    HasSubstr("\"dice\":0.5000,\"jaccard\":0.3333,\"hausdorff95_px\":2.0000"),
                    HasSubstr("\"both_pixels\":8,\"first_only_pixels\":8")));
}

TEST_F(CompareVerbTest, EmptyMasksHaveNoDice) {
  const std::string a = Mask("a.png", {}), b = Mask("b.png", {4, 2, 4, 4});
  EXPECT_EQ(Compare({a, a}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Dice n/a, Jaccard n/a, HD95 0.0 px"));
  EXPECT_EQ(Compare({a, b, "--json"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"dice\":0.0000,\"jaccard\":0.0000,\"hausdorff95_px\":null"));
}

TEST_F(CompareVerbTest, SaysWhatIsNoMask) {
  const std::string a = Mask("a.png", {2, 2, 4, 4});
  const std::string wide = Mask("wide.png", {2, 2, 4, 4}, {30, 10});
  EXPECT_EQ(Compare({a, wide}), 1);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("20 x 10"), HasSubstr("30 x 10")));
  EXPECT_EQ(Compare({a, Put("text.png", "not a picture at all")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("text.png: "));
  EXPECT_EQ(Compare({a, At("none.png")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("none.png"));
  EXPECT_EQ(Compare({a, "tests/testdata/xray/865336ed.jpg"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("must be a PNG file"));
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(CompareVerbTest, WantsTwoMasks) {
  EXPECT_EQ(Compare({Mask("a.png", {2, 2, 4, 4})}), 2);
}

}  // namespace
}  // namespace lingula
