#include "model/nets/softmax.h"

#include <algorithm>

#include <ATen/Parallel.h>

#include "model/nets/softmax_kernels.h"

namespace lingula {
namespace {

constexpr int64_t kValuesATask = 1 << 15;  // about 10 us of work

template <typename T>
void InPlace(T* values, int64_t count, int64_t columns) {
  const int64_t grain = std::max<int64_t>(1, kValuesATask / columns);
  at::parallel_for(0, count, grain, [&](int64_t begin, int64_t end) {
    SoftmaxRows(values + begin * columns, end - begin, columns);
  });
}

}  // namespace

torch::Tensor SoftmaxOf(torch::Tensor x) {
  const auto type = x.scalar_type();
  if (!x.device().is_cpu() || (type != torch::kFloat32 && type != torch::kBFloat16) ||
      !x.is_contiguous() || x.numel() == 0 || torch::GradMode::is_enabled()) {
    return torch::softmax(x, -1);
  }
  const int64_t columns = x.size(-1);
  const int64_t rows = x.numel() / columns;
  if (type == torch::kFloat32) {
    InPlace(x.data_ptr<float>(), rows, columns);
  } else {
    InPlace(static_cast<uint16_t*>(x.data_ptr()), rows, columns);
  }
  return x;
}

}  // namespace lingula
