#include "model/nets/norm_activate.h"

#include <gtest/gtest.h>

namespace lingula {
namespace {

torch::nn::BatchNorm2d MakeNorm(int64_t channels) {
  torch::nn::BatchNorm2d norm(channels);
  torch::NoGradGuard no_grad;
  norm->weight.copy_(torch::rand({channels}) + 0.5);
  norm->bias.copy_(torch::randn({channels}));
  return norm;
}

// Far from zero, so that sums of squares would cancel if they were taken carelessly.
torch::Tensor MakeInput(torch::ScalarType type) {
  auto x = (torch::randn({3, 24, 29, 31}) * 2 + 40 * torch::randn({1, 24, 1, 1})).to(type);
  return x.contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_(true);
}

struct Run {
  torch::Tensor y, dx, dweight, dbias, mean, variance;
};

template <typename Function>
Run Train(torch::nn::BatchNorm2d norm, const torch::Tensor& x, const Function& f) {
  norm->zero_grad();
  const auto input = x.detach().clone().requires_grad_(true);
  const auto y = f(norm, input);
  torch::manual_seed(5);
  y.backward(torch::randn(y.sizes()).to(y.scalar_type()));
  return {y.detach(),
          input.grad(),
          norm->weight.grad().clone(),
          norm->bias.grad().clone(),
          norm->running_mean.clone(),
          norm->running_var.clone()};
}

double Error(const torch::Tensor& found, const torch::Tensor& expected) {
  const auto reference = expected.to(torch::kFloat64);
  return ((found.to(torch::kFloat64) - reference).abs().max() / reference.abs().max())
      .item<double>();
}

class NormActivateTest : public testing::TestWithParam<Activation> {
 protected:
  // The fused step in `type` against the two layers in float64.
  void Compare(torch::ScalarType type, double tolerance) {
    torch::manual_seed(3);
    auto norm = MakeNorm(24);
    const auto x = MakeInput(type);
    torch::nn::BatchNorm2d exact(24);
    {
      torch::NoGradGuard no_grad;
      exact->to(torch::kFloat64);
      exact->weight.copy_(norm->weight);
      exact->bias.copy_(norm->bias);
    }
    const auto found = Train(
        norm, x, [&](auto& n, const auto& input) { return NormActivate(n, input, GetParam()); });
    const auto expected = Train(exact, x.to(torch::kFloat64), [&](auto& n, const auto& input) {
      return Activate(n(input), GetParam());
    });
    EXPECT_EQ(found.y.scalar_type(), type);
    EXPECT_TRUE(found.y.is_contiguous(torch::MemoryFormat::ChannelsLast));
    EXPECT_LT(Error(found.y, expected.y), tolerance);
    EXPECT_LT(Error(found.dx, expected.dx), tolerance);
    EXPECT_LT(Error(found.dweight, expected.dweight), tolerance);
    EXPECT_LT(Error(found.dbias, expected.dbias), tolerance);
    EXPECT_LT(Error(found.mean, expected.mean), 1e-5);
    EXPECT_LT(Error(found.variance, expected.variance), 1e-5);
    EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 1);
  }
};

TEST_P(NormActivateTest, Float32IsTheTwoLayers) {
  Compare(torch::kFloat32, 2e-5);
}

TEST_P(NormActivateTest, BFloat16IsTheTwoLayersRoundedOnce) {
  Compare(torch::kBFloat16, 1.0 / 128);
}

TEST_P(NormActivateTest, ThreadsDoNotChangeABit) {
  if (GetParam() == Activation::kSilu) {
    return;  // Torch's own layers, which promise nothing of the kind
  }
  torch::manual_seed(4);
  const auto x = MakeInput(torch::kFloat32);
  auto norm = MakeNorm(24);
  const auto step = [&](auto& n, const auto& input) { return NormActivate(n, input, GetParam()); };
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = Train(norm, x, step);
  at::set_num_threads(2);
  const auto two = Train(norm, x, step);
  at::set_num_threads(before);
  EXPECT_TRUE(torch::equal(one.y, two.y));
  EXPECT_TRUE(torch::equal(one.dx, two.dx));
  EXPECT_TRUE(torch::equal(one.dweight, two.dweight));
}

TEST_P(NormActivateTest, EvaluationUsesTheRunningStatistics) {
  auto norm = MakeNorm(24);
  norm->eval();
  const auto x = MakeInput(torch::kFloat32);
  EXPECT_TRUE(torch::equal(NormActivate(norm, x, GetParam()), Activate(norm(x), GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, NormActivateTest,
                         testing::Values(Activation::kNone, Activation::kRelu, Activation::kRelu6,
                                         Activation::kLeakyRelu, Activation::kSilu));

TEST(NormActivateTest, WhatIsNotANumberStaysOne) {
  auto norm = MakeNorm(24);
  auto x = MakeInput(torch::kBFloat16).detach();
  x[0][7][3][3] = std::nan("");
  const auto y = NormActivate(norm, x, Activation::kNone);
  EXPECT_TRUE(torch::isnan(y).select(1, 7).all().item<bool>());
  EXPECT_FALSE(torch::isnan(y).select(1, 8).any().item<bool>());
}

}  // namespace
}  // namespace lingula
