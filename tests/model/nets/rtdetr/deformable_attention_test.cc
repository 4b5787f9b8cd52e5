#include "model/nets/rtdetr/deformable_attention.h"

#include <cmath>

#include <gmock/gmock.h>

#include "model/parity/formula_fill.h"

namespace lingula {
namespace {

constexpr int64_t kChannels = 12, kHeads = 3, kPoints = 2, kQueries = 5, kBatch = 2;
constexpr int64_t kDepth = kChannels / kHeads;
const MapShapes kShapes{{6, 5}, {3, 3}, {1, 2}};  // 30 + 9 + 2 tokens
constexpr int64_t kTokens = 41;

// Linear layer number by number.
double Line(const torch::nn::Module& module, const std::string& name, const torch::Tensor& x,
            int64_t row) {
  const auto parameters = module.named_parameters();
  const auto weight = parameters[name + ".weight"][row];
  return (weight * x).sum().item<double>() + parameters[name + ".bias"][row].item<double>();
}

// One channel of a map at (x, y) in pixels, zero outside, straight between the pixels' centres.
double At(const torch::Tensor& tokens, int64_t first, int64_t height, int64_t width, double x,
          double y, int64_t channel) {
  double sum = 0;
  for (int64_t row = 0; row < height; ++row) {
    for (int64_t column = 0; column < width; ++column) {
      const double share = std::max(0.0, 1 - std::abs(x - static_cast<double>(column))) *
                           std::max(0.0, 1 - std::abs(y - static_cast<double>(row)));
      sum += share * tokens[first + row * width + column][channel].item<double>();
    }
  }
  return sum;
}

// What one head of one query sees, as the paper writes it.
std::vector<double> Head(const torch::nn::Module& module, const torch::Tensor& query,
                         const torch::Tensor& box, const torch::Tensor& values, int64_t head) {
  const auto count = static_cast<int64_t>(kShapes.size()) * kPoints;
  double total = 0;
  std::vector<double> seen(kDepth);
  int64_t first = 0;
  for (int64_t k = 0; k < count; ++k) {
    const auto [height, width] = kShapes[k / kPoints];
    const int64_t number = head * count + k;
    const double share = std::exp(Line(module, "attention_weights", query, number));
    const auto place = [&](int64_t axis, int64_t size) {
      const double offset = Line(module, "sampling_offsets", query, number * 2 + axis);
      const double middle = box[axis].item<double>(), side = box[2 + axis].item<double>();
      return (middle + offset / kPoints * side * 0.5) * static_cast<double>(size) - 0.5;
    };
    const double x = place(0, width), y = place(1, height);
    for (int64_t c = 0; c < kDepth; ++c) {
      seen[c] += share * At(values, first, height, width, x, y, head * kDepth + c);
    }
    total += share;
    first += k % kPoints == kPoints - 1 ? height * width : 0;
  }
  for (double& value : seen) {
    value /= total;
  }
  return seen;
}

torch::Tensor Reference(const torch::nn::Module& module, const torch::Tensor& query,
                        const torch::Tensor& boxes, const torch::Tensor& values) {
  auto out = torch::empty({kBatch, kQueries, kChannels});
  for (int64_t b = 0; b < kBatch; ++b) {
    for (int64_t q = 0; q < kQueries; ++q) {
      auto joined = torch::empty({kChannels});
      for (int64_t head = 0; head < kHeads; ++head) {
        const auto seen = Head(module, query[b][q], boxes[b][q], values[b], head);
        for (int64_t c = 0; c < kDepth; ++c) {
          joined[head * kDepth + c] = seen[c];
        }
      }
      for (int64_t c = 0; c < kChannels; ++c) {
        out[b][q][c] = Line(module, "output_proj", joined, c);
      }
    }
  }
  return out;
}

class DeformableAttentionTest : public testing::Test {
 protected:
  DeformableAttentionTest() {
    Formula().Fill(*attention_, "test.");
    // Offsets of several pixels, so that some points lie beyond the edges.
    attention_->named_parameters()["sampling_offsets.bias"].mul_(60);
  }

  torch::NoGradGuard no_grad_;
  DeformableAttention attention_{kChannels, kHeads, static_cast<int64_t>(kShapes.size()), kPoints};
  PointGrid grid_{kShapes, kHeads, kPoints};
  torch::Tensor query_ = Formula().Make("input.query", {kBatch, kQueries, kChannels});
  torch::Tensor boxes_ = torch::sigmoid(Formula().Make("input.boxes", {kBatch, kQueries, 4}));
  torch::Tensor values_ = Formula().Make("input.values", {kBatch, kTokens, kChannels});
};

TEST_F(DeformableAttentionTest, IsTheWeightedSumOfWhatThePointsSee) {
  const ValueTable table{values_.view({kBatch, kTokens, kHeads, kDepth}), 0};
  const auto actual = attention_(query_, boxes_, table, grid_);
  const auto expected = Reference(*attention_, query_, boxes_, values_);
  EXPECT_LT((actual - expected).abs().max().item<double>(), 1e-5);
  EXPECT_GT(expected.abs().max().item<double>(), 0.1);
}

TEST_F(DeformableAttentionTest, ReadsItsOwnSlotsOfASharedTable) {
  const auto other = Formula().Make("input.other", {kBatch, kTokens, kHeads, kDepth});
  const auto own = values_.view({kBatch, kTokens, kHeads, kDepth});
  const ValueTable alone{own, 0}, shared{torch::cat({other, own}, 2), kHeads};
  EXPECT_TRUE(torch::equal(attention_(query_, boxes_, alone, grid_),
                           attention_(query_, boxes_, shared, grid_)));
}

TEST(DeformableAttentionStartTest, EachHeadLooksIntoItsOwnDirection) {
  DeformableAttention attention(16, 4, 1, 2);
  const auto bias = attention->named_parameters()["sampling_offsets.bias"].view({4, 2, 2});
  const auto expected = torch::tensor({{{1.0, 0.0}, {2.0, 0.0}},
                                       {{0.0, 1.0}, {0.0, 2.0}},
                                       {{-1.0, 0.0}, {-2.0, 0.0}},
                                       {{0.0, -1.0}, {0.0, -2.0}}});
  EXPECT_TRUE(torch::allclose(bias, expected.to(torch::kFloat32), 0, 1e-6)) << bias;
}

}  // namespace
}  // namespace lingula
