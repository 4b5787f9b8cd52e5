#include "model/nets/norm_activate.h"

#include <vector>

#include "model/nets/norm_activate_kernels.h"

namespace lingula {
namespace {

namespace autograd = torch::autograd;

// Rows that one task sums in float32; fixed, so that sums do not depend on the threads.
constexpr int64_t kChunk = 512;

int64_t Chunks(int64_t rows) {
  return (rows + kChunk - 1) / kChunk;
}

// Calls f(chunk, NormRows) for all chunks of x, in parallel.
template <typename T, typename Function>
void ForChunks(const torch::Tensor& x, NormSlope slope, const Function& f) {
  const int64_t channels = x.size(1), rows = x.numel() / channels;
  const auto* data = static_cast<const T*>(x.const_data_ptr());
  at::parallel_for(0, Chunks(rows), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      f(i, NormRows<T>{data, i * kChunk, std::min(rows, (i + 1) * kChunk), channels, slope});
    }
  });
}

// Calls f<T>(), T the plain type of x's memory.
template <typename Function>
void ByType(const torch::Tensor& x, const Function& f) {
  if (x.scalar_type() == torch::kBFloat16) {
    f(uint16_t{});
  } else {
    f(float{});
  }
}

template <typename T>
T* Data(const torch::Tensor& x) {
  return static_cast<T*>(x.data_ptr());
}

// Two sums over all rows, each [C] in float64: f(chunk's rows, first, second) adds to both.
template <typename Function>
std::pair<torch::Tensor, torch::Tensor> TwoSums(const torch::Tensor& x, NormSlope slope,
                                                const Function& f) {
  const int64_t channels = x.size(1);
  const auto parts = torch::zeros({2, Chunks(x.numel() / channels), channels});
  float* first = parts[0].data_ptr<float>();
  float* second = parts[1].data_ptr<float>();
  ByType(x, [&](auto type) {
    ForChunks<decltype(type)>(x, slope, [&](int64_t i, const auto& rows) {
      f(rows, first + i * channels, second + i * channels);
    });
  });
  const auto sums = parts.sum(1, false, torch::kFloat64);
  return {sums[0], sums[1]};
}

struct Fused : autograd::Function<Fused> {
  static torch::Tensor forward(autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias,
                               torch::Tensor running_mean, torch::Tensor running_var,
                               double momentum, double eps, int64_t slope);
  static autograd::variable_list backward(autograd::AutogradContext* context,
                                          autograd::variable_list gradients);
};

torch::Tensor Fused::forward(autograd::AutogradContext* context, const torch::Tensor& x,
                             const torch::Tensor& weight, const torch::Tensor& bias,
                             torch::Tensor running_mean, torch::Tensor running_var, double momentum,
                             double eps, int64_t slope) {
  const auto kind = static_cast<NormSlope>(slope);
  const double n = static_cast<double>(x.numel() / x.size(1));
  // Any value near the data keeps the squares from cancelling: the first pixel's.
  const auto shift = x.select(0, 0).select(1, 0).select(1, 0).to(torch::kFloat32).contiguous();
  const auto [sum, squares] =
      TwoSums(x, kind, [&shift](const auto& rows, float* first, float* second) {
        SumRows(rows, shift.data_ptr<float>(), first, second);
      });
  const auto mean = sum / n, variance = (squares / n - mean * mean).clamp_min(0);
  const auto centre = (mean + shift).to(torch::kFloat32);
  const auto scale = torch::rsqrt(variance + eps).to(torch::kFloat32);  // 1 / deviation
  running_mean.lerp_(centre, momentum);
  running_var.lerp_((variance * (n / (n - 1))).to(torch::kFloat32), momentum);
  const auto gain = (weight * scale).contiguous(), offset = (bias - centre * gain).contiguous();
  const auto y = torch::empty_like(x);
  ByType(x, [&](auto type) {
    using T = decltype(type);
    ForChunks<T>(x, kind, [&](int64_t /*chunk*/, const auto& rows) {
      NormalizeRows(rows, gain.template data_ptr<float>(), offset.template data_ptr<float>(),
                    Data<T>(y));
    });
  });
  context->save_for_backward({x, gain, offset, centre, scale});
  context->saved_data["slope"] = slope;
  return y;
}

autograd::variable_list Fused::backward(autograd::AutogradContext* context,
                                        autograd::variable_list gradients) {
  const auto saved = context->get_saved_variables();
  const torch::Tensor &x = saved[0], &gain = saved[1], &scale = saved[4];
  const auto kind = static_cast<NormSlope>(context->saved_data["slope"].toInt());
  const NormCoefficients coefficients{gain.data_ptr<float>(), saved[2].data_ptr<float>(),
                                      saved[3].data_ptr<float>()};
  const auto dy = gradients[0].to(x.scalar_type()).contiguous(torch::MemoryFormat::ChannelsLast);
  const double n = static_cast<double>(x.numel() / x.size(1));
  const auto [sum, product] = TwoSums(x, kind, [&](const auto& rows, float* first, float* second) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(rows.x)>>;
    SumGradients(rows, coefficients, Data<T>(dy), first, second);
  });
  const auto base = (sum / n).to(torch::kFloat32);
  const auto tilt = (product * scale * scale / n).to(torch::kFloat32);
  const auto dx = torch::empty_like(x);
  ByType(x, [&](auto type) {
    using T = decltype(type);
    ForChunks<T>(x, kind, [&](int64_t /*chunk*/, const auto& rows) {
      InputGradients(rows, coefficients, Data<T>(dy), base.template data_ptr<float>(),
                     tilt.template data_ptr<float>(), Data<T>(dx));
    });
  });
  const torch::Tensor none;
  return {
      dx,  (product * scale).to(torch::kFloat32), sum.to(torch::kFloat32), none, none, none, none,
      none};
}

std::optional<NormSlope> SlopeOf(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return NormSlope::kNone;
    case Activation::kRelu:
      return NormSlope::kRelu;
    case Activation::kRelu6:
      return NormSlope::kRelu6;
    case Activation::kLeakyRelu:
      return NormSlope::kLeakyRelu;
    default:
      return std::nullopt;
  }
}

}  // namespace

torch::Tensor NormActivate(torch::nn::BatchNorm2d& norm, const torch::Tensor& x,
                           Activation activation) {
  const auto slope = SlopeOf(activation);
  const bool known = x.scalar_type() == torch::kFloat32 || x.scalar_type() == torch::kBFloat16;
  const bool fits = slope && known && norm->is_training() && x.device().is_cpu() && x.dim() == 4 &&
                    x.is_contiguous(torch::MemoryFormat::ChannelsLast) &&
                    norm->weight.scalar_type() == torch::kFloat32 && x.numel() > x.size(1) &&
                    norm->options.momentum().has_value();
  if (!fits) {
    return Activate(norm(x), activation);
  }
  norm->num_batches_tracked.add_(1);
  return Fused::apply(x, norm->weight, norm->bias, norm->running_mean, norm->running_var,
                      *norm->options.momentum(), norm->options.eps(), static_cast<int64_t>(*slope));
}

}  // namespace lingula
