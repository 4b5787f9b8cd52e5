#include "server/kserve/tensor_schema.h"

namespace lingula {

std::vector<TensorSchema> InputsOf(const LoadedModel& model) {
  const InputSpec& input = model.input();
  return {
      {kImageInput, "BYTES", inference::TYPE_STRING, {1}},
      {kTensorInput, "FP32", inference::TYPE_FP32, {input.channels, input.side_px, input.side_px}}};
}

const std::vector<TensorSchema>& InferOutputs() {
  static const auto* const outputs = new std::vector<TensorSchema>{
      {"MASK", "UINT8", inference::TYPE_UINT8, {-1, -1}},
      {"MASK_PNG", "BYTES", inference::TYPE_STRING, {}},
      {"PROBABILITIES", "FP32", inference::TYPE_FP32, {-1, -1}},
      {"EXPECTED_DICE", "FP32", inference::TYPE_FP32, {}},
      {"TEXT", "BYTES", inference::TYPE_STRING, {}},
      {"FLAGS", "BYTES", inference::TYPE_STRING, {}},
  };
  return *outputs;
}

}  // namespace lingula
