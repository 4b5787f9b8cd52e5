#include "model/train/mobilenet_start.h"

#include <flatbuffers/flatbuffers.h>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using flatbuffers::Offset;
using flatbuffers::Table;
using flatbuffers::Vector;

// Field numbers of the TFLite schema (version 3): Table::GetPointer takes 4 + 2 * number.
template <typename T>
const T* Field(const Table* table, int number) {
  return table == nullptr
             ? nullptr
             : table->GetPointer<const T*>(static_cast<flatbuffers::voffset_t>(4 + 2 * number));
}
using Tables = Vector<Offset<Table>>;

constexpr int kConv2d = 3, kDepthwiseConv2d = 4;
constexpr size_t kConvolutions = 51;

struct Model {
  const Tables* codes;
  const Tables* buffers;
  const Tables* tensors;
  const Tables* operators;
};

// int8 or int32 values of a constant tensor times the scale of its channel along `axis`.
torch::Tensor Dequantize(const Model& model, int index, int64_t axis, std::vector<int64_t>* shape) {
  const Table* tensor = model.tensors->Get(index);
  for (const int32_t extent : *Field<Vector<int32_t>>(tensor, 0)) {
    shape->push_back(extent);
  }
  const Table* buffer = model.buffers->Get(tensor->GetField<uint32_t>(4 + 2 * 2, 0));
  const auto* data = Field<Vector<uint8_t>>(buffer, 0);
  const bool bytes = tensor->GetField<int8_t>(4 + 2 * 1, 0) == 9;
  const auto raw = torch::from_blob(const_cast<uint8_t*>(data->data()), *shape,
                                    bytes ? torch::kInt8 : torch::kInt32)
                       .to(torch::kFloat32);
  const auto* scales = Field<Vector<float>>(Field<Table>(tensor, 4), 2);
  auto scale = torch::empty({static_cast<int64_t>(scales->size())});
  for (flatbuffers::uoffset_t i = 0; i < scales->size(); ++i) {
    scale[i] = scales->Get(i);
  }
  std::vector<int64_t> broadcast(shape->size(), 1);
  broadcast[axis] = -1;
  return raw * scale.view(broadcast);
}

}  // namespace

absl::StatusOr<std::vector<FoldedConv>> ReadMobileNetV2(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const std::string file, ReadFile(path));
  if (file.size() < 8 || file.compare(4, 4, "TFL3") != 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a TFLite model"));
  }
  const auto* root = flatbuffers::GetRoot<Table>(file.data());
  const Table* graph = Field<Tables>(root, 2)->Get(0);
  const Model model{Field<Tables>(root, 1), Field<Tables>(root, 4), Field<Tables>(graph, 0),
                    Field<Tables>(graph, 3)};
  std::vector<FoldedConv> convs;
  for (const Table* op : *model.operators) {
    const Table* code = model.codes->Get(op->GetField<uint32_t>(4, 0));
    const int kind = code->GetField<int8_t>(4, 0);
    if ((kind != kConv2d && kind != kDepthwiseConv2d) || convs.size() == kConvolutions) {
      continue;
    }
    const auto* inputs = Field<Vector<int32_t>>(op, 1);
    std::vector<int64_t> shape, bias_shape;
    FoldedConv conv;
    // Conv [out, kh, kw, in], scaled by out; depthwise [1, kh, kw, channels], scaled by channel.
    const bool depthwise = kind == kDepthwiseConv2d;
    const auto weight = Dequantize(model, inputs->Get(1), depthwise ? 3 : 0, &shape);
    conv.weight = weight
                      .permute(depthwise ? std::vector<int64_t>{3, 0, 1, 2}
                                         : std::vector<int64_t>{0, 3, 1, 2})
                      .contiguous();
    conv.bias = Dequantize(model, inputs->Get(2), 0, &bias_shape);
    convs.push_back(conv);
  }
  if (convs.size() != kConvolutions) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": holds ", convs.size(), " convolutions, a MobileNetV2 has ", kConvolutions));
  }
  return convs;
}

absl::Status StartFrom(const std::vector<FoldedConv>& convs, bool transpose,
                       const torch::Tensor& images, MobileNetV2& encoder) {
  torch::NoGradGuard no_grad;
  if (convs.size() != kConvolutions) {
    return absl::InvalidArgumentError(
        absl::StrCat("a start needs ", kConvolutions, " convolutions, got ", convs.size()));
  }
  size_t next = 0;
  absl::Status status;
  encoder.Walk(images, [&](ConvUnit& unit, const torch::Tensor& x) {
    const FoldedConv& from = convs[next++];
    auto& conv = unit->conv();
    auto& bn = unit->bn();
    const auto weight = transpose ? from.weight.transpose(2, 3) : from.weight;
    if (weight.sizes() != conv->weight.sizes() || from.bias.sizes() != bn->bias.sizes()) {
      status.Update(absl::InvalidArgumentError(
          absl::StrCat("convolution ", next, " of the start file does not fit this encoder")));
      return unit(x);
    }
    conv->weight.copy_(weight);
    const auto y = conv(x);
    const auto mean = y.mean({0, 2, 3});
    const auto variance = y.var({0, 2, 3}, false);
    bn->running_mean.copy_(mean);
    bn->running_var.copy_(variance);
    bn->weight.copy_(torch::sqrt(variance + bn->options.eps()));
    bn->bias.copy_(mean + from.bias);
    unit->eval();
    auto result = unit(x);
    unit->train();
    return result;
  });
  return status;
}

}  // namespace lingula
