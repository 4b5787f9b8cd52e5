#include "server/kserve/infer_response.h"

#include <cmath>
#include <cstring>

#include <gmock/gmock.h>

#include "tests/server/service/fake_models.h"

namespace lingula {
namespace {

using testing::ElementsAre;

class InferResponseTest : public testing::Test {
 protected:
  InferResponseTest()
      : models_(*ModelTable::Create(test::Sources(test::FakeSource("xray", "3")), {}, Clock::Real(),
                                    metrics_)) {}

  SegmentResult Result(const std::string& labels, const std::string& png) const {
    SegmentResult result;
    result.model = models_->models().front();
    result.width = 3;
    result.height = 2;
    result.threshold = 0.5F;
    result.masks = {{MaskForm::kLabels, labels, {}}, {MaskForm::kPng, png, {}}};
    return result;
  }

  Metrics metrics_;
  const std::unique_ptr<ModelTable> models_;
};

TEST_F(InferResponseTest, StacksTheImages) {
  std::vector<SegmentResult> results = {Result("abcdef", "PNG"), Result("ghijkl", "")};
  results[0].trust.expected_dice = 0.75;
  results[1].flags = {v1::FLAG_EMPTY_MASK, v1::FLAG_LOSSY_INPUT};
  results[1].location.emplace();
  results[1].location->sentence = "No infection.";
  inference::ModelInferResponse response;
  WriteResponse({InferOutput::kMaskPng, InferOutput::kMask, InferOutput::kExpectedDice,
                 InferOutput::kText, InferOutput::kFlags},
                results, response);

  EXPECT_EQ(response.model_name(), "xray");
  EXPECT_EQ(response.model_version(), "3");
  EXPECT_EQ(response.parameters().at("notice").string_param(), "For research use only.");
  ASSERT_EQ(response.outputs_size(), 5);
  ASSERT_EQ(response.raw_output_contents_size(), 5);
  EXPECT_EQ(response.outputs(0).name(), "MASK_PNG");
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(2));
  EXPECT_EQ(response.raw_output_contents(0), std::string("\3\0\0\0PNG\0\0\0\0", 11));
  EXPECT_EQ(response.outputs(1).datatype(), "UINT8");
  EXPECT_THAT(response.outputs(1).shape(), ElementsAre(2, 2, 3)) << "rows before columns";
  EXPECT_EQ(response.raw_output_contents(1), "abcdefghijkl");
  float dice[2];
  ASSERT_EQ(response.raw_output_contents(2).size(), sizeof(dice));
  std::memcpy(dice, response.raw_output_contents(2).data(), sizeof(dice));
  EXPECT_EQ(dice[0], 0.75F);
  EXPECT_TRUE(std::isnan(dice[1])) << "nothing is to be expected of an empty mask";
  EXPECT_EQ(response.raw_output_contents(3), std::string("\0\0\0\0\xd\0\0\0", 8) + "No infection.");
  EXPECT_EQ(response.raw_output_contents(4),
            std::string("\0\0\0\0\x16\0\0\0", 8) + "EMPTY_MASK,LOSSY_INPUT");
}

}  // namespace
}  // namespace lingula
