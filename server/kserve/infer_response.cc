#include "server/kserve/infer_response.h"

#include <cstring>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace lingula {
namespace {

const std::string& MaskIn(const SegmentResult& result, MaskForm form) {
  for (const EncodedMask& mask : result.masks) {
    if (mask.form == form) {
      return mask.content;
    }
  }
  static const auto* const none = new std::string;
  return *none;  // not reachable: the job asked for the form
}

// One element of a BYTES tensor: its length in four bytes, then itself.
void AppendElement(absl::string_view element, std::string& raw) {
  const auto length = static_cast<uint32_t>(element.size());
  char bytes[sizeof(length)];
  std::memcpy(bytes, &length, sizeof(length));  // our machines are little-endian
  raw.append(bytes, sizeof(bytes));
  raw.append(element.data(), element.size());
}

void AppendFloat(float value, std::string& raw) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  raw.append(bytes, sizeof(bytes));
}

// NaN where an empty mask leaves nothing to expect.
float ExpectedDice(const SegmentResult& result) {
  return result.trust.expected_dice.has_value() ? static_cast<float>(*result.trust.expected_dice)
                                                : std::numeric_limits<float>::quiet_NaN();
}

// "LOW_CONFIDENCE,LOSSY_INPUT"
std::string FlagNames(const SegmentResult& result) {
  std::string names;
  for (const v1::Flag flag : result.flags) {
    absl::StrAppend(&names, names.empty() ? "" : ",",
                    absl::StripPrefix(v1::Flag_Name(flag), "FLAG_"));
  }
  return names;
}

void AppendTo(InferOutput output, const SegmentResult& result, std::string& raw) {
  switch (output) {
    case InferOutput::kMask:
      raw += MaskIn(result, MaskForm::kLabels);
      break;
    case InferOutput::kMaskPng:
      AppendElement(MaskIn(result, MaskForm::kPng), raw);
      break;
    case InferOutput::kProbabilities:
      raw += MaskIn(result, MaskForm::kProbabilitiesFloat32);
      break;
    case InferOutput::kExpectedDice:
      AppendFloat(ExpectedDice(result), raw);
      break;
    case InferOutput::kText:
      AppendElement(result.location.has_value() ? result.location->sentence : "", raw);
      break;
    case InferOutput::kFlags:
      AppendElement(FlagNames(result), raw);
      break;
  }
}

void WriteOutput(InferOutput output, const std::vector<SegmentResult>& results,
                 inference::ModelInferResponse& response) {
  const TensorSchema& schema = SchemaOf(output);
  auto& tensor = *response.add_outputs();
  tensor.set_name(schema.name);
  tensor.set_datatype(schema.datatype);
  tensor.add_shape(static_cast<int64_t>(results.size()));
  if (!schema.dims.empty()) {
    tensor.add_shape(results.front().height);
    tensor.add_shape(results.front().width);
  }
  std::string& raw = *response.add_raw_output_contents();
  AppendTo(output, results.front(), raw);
  raw.reserve(raw.size() * results.size());  // the others take about as much
  for (size_t i = 1; i < results.size(); ++i) {
    AppendTo(output, results[i], raw);
  }
}

}  // namespace

void WriteResponse(const std::vector<InferOutput>& outputs,
                   const std::vector<SegmentResult>& results,
                   inference::ModelInferResponse& response) {
  const SegmentResult& first = results.front();
  response.set_model_name(first.model->manifest().name());
  response.set_model_version(first.model->manifest().version());
  auto& parameters = *response.mutable_parameters();
  parameters["notice"].set_string_param(first.model->manifest().notice());
  parameters["weights_sha256"].set_string_param(first.model->source().weights_sha256);
  parameters["threshold"].set_double_param(first.threshold);
  for (const InferOutput output : outputs) {
    WriteOutput(output, results, response);
  }
}

}  // namespace lingula
