// The tensors of a model in the Open Inference Protocol.
#pragma once

#include <cstdint>
#include <vector>

#include "inference/model_config.pb.h"
#include "server/service/model_table.h"

namespace lingula {

// Images that one call may bring.
inline constexpr int kMaxImagesPerCall = 64;

inline constexpr char kImageInput[] = "IMAGE";    // encoded files
inline constexpr char kTensorInput[] = "TENSOR";  // network input

// Everything that can be asked for, in the order of the metadata.
enum class InferOutput { kMask, kMaskPng, kProbabilities, kExpectedDice, kText, kFlags };
inline constexpr int kInferOutputs = 6;

struct TensorSchema {
  const char* name;
  const char* datatype;
  inference::DataType type;   // the same in Triton's words
  std::vector<int64_t> dims;  // of one image; -1 where the caller's data decide
};

std::vector<TensorSchema> InputsOf(const LoadedModel& model);
// In the order of InferOutput; the same for all models.
const std::vector<TensorSchema>& InferOutputs();
inline const TensorSchema& SchemaOf(InferOutput output) {
  return InferOutputs()[static_cast<size_t>(output)];
}

}  // namespace lingula
