#include "model/import/torch_tensor.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace lingula {
namespace {

constexpr StorageType kStorageTypes[] = {
    {"torch.FloatStorage", 4, true, DType::kF32},
    {"torch.DoubleStorage", 8, true, DType::kF64},
    {"torch.HalfStorage", 2, true, DType::kF16},
    {"torch.BFloat16Storage", 2, true, DType::kBf16},
    {"torch.LongStorage", 8, true, DType::kI64},
    {"torch.IntStorage", 4, true, DType::kI32},
    {"torch.ByteStorage", 1, true, DType::kU8},
    {"torch.BoolStorage", 1, true, DType::kBool},
    {"torch.storage.UntypedStorage", 1, true, DType::kU8},
    {"torch.ShortStorage", 2, false, DType::kU8},
    {"torch.CharStorage", 1, false, DType::kU8},
    {"torch.ComplexFloatStorage", 8, false, DType::kU8},
    {"torch.ComplexDoubleStorage", 16, false, DType::kU8},
    {"torch.QInt8Storage", 1, false, DType::kU8},
    {"torch.QUInt8Storage", 1, false, DType::kU8},
    {"torch.QInt32Storage", 4, false, DType::kU8},
};
// As in PyTorch.
constexpr size_t kMaxDimensions = 64;
// A tensor of stride 0 repeats its storage; more than this is not written out.
constexpr int64_t kMaxRepeatedBytes = int64_t{64} << 20;

}  // namespace

const StorageType* FindStorageType(absl::string_view name) {
  for (const StorageType& type : kStorageTypes) {
    if (name == type.name) {
      return &type;
    }
  }
  return nullptr;
}

int64_t TorchTensor::elements() const {
  int64_t count = 1;
  for (const int64_t size : shape) {
    count *= size;
  }
  return count;
}

TorchTensor::Span TorchTensor::TouchedBytes() const {
  if (elements() == 0) {
    return {};
  }
  int64_t last = 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    last += (shape[i] - 1) * stride[i];
  }
  const int64_t begin = storage->first + offset;
  const int64_t bytes = storage->type->element_bytes;
  return {begin * bytes, (begin + last + 1) * bytes};
}

absl::Status CheckTensor(const TorchTensor& tensor) {
  const auto error = [&tensor](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tensor of shape [", absl::StrJoin(tensor.shape, ", "), "], strides [",
                     absl::StrJoin(tensor.stride, ", "), "] and offset ", tensor.offset,
                     " in a storage of ", tensor.storage->elements, " elements ", what));
  };
  if (tensor.shape.size() > kMaxDimensions) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tensor of more than ", kMaxDimensions, " dimensions"));
  }
  if (tensor.shape.size() != tensor.stride.size()) {
    return error("has not one stride a dimension");
  }
  const int64_t element = tensor.storage->type->element_bytes;
  int64_t bytes = element;
  int64_t last = tensor.offset;
  bool empty = false;
  bool fits = tensor.offset >= 0;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    const int64_t size = tensor.shape[i];
    int64_t reach = 0;
    fits = fits && size >= 0 && tensor.stride[i] >= 0 &&
           !__builtin_mul_overflow(bytes, size == 0 ? 1 : size, &bytes) &&
           (size == 0 || !__builtin_mul_overflow(size - 1, tensor.stride[i], &reach)) &&
           !__builtin_add_overflow(last, reach, &last);
    empty = empty || size == 0;
  }
  if (!fits) {
    return error("is negative or too large");
  }
  if (!empty && last >= tensor.storage->elements) {
    return error("leaves it");
  }
  if (!empty && bytes / element > tensor.storage->elements && bytes > kMaxRepeatedBytes) {
    return error("repeats it too often");
  }
  return absl::OkStatus();
}

std::string Contiguous(const TorchTensor& tensor, absl::string_view touched) {
  const int64_t count = tensor.elements();
  const int64_t element = tensor.storage->type->element_bytes;
  std::string out(static_cast<size_t>(count * element), '\0');
  // The innermost dimensions that lie without gaps are copied as one piece.
  size_t outer = tensor.shape.size();
  int64_t piece = 1;
  while (outer > 0 && (tensor.stride[outer - 1] == piece || tensor.shape[outer - 1] == 1)) {
    piece *= tensor.shape[--outer];
  }
  std::vector<int64_t> index(outer, 0);
  int64_t from = 0;
  for (int64_t done = 0; done < count; done += piece) {
    std::memcpy(&out[done * element], touched.data() + from * element, piece * element);
    for (size_t i = outer; i-- > 0;) {
      from += tensor.stride[i];
      if (++index[i] < tensor.shape[i]) {
        break;
      }
      from -= tensor.shape[i] * tensor.stride[i];
      index[i] = 0;
    }
  }
  return out;
}

}  // namespace lingula
