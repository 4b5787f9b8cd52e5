#include "server/kserve/infer_input.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "server/kserve/tensor_schema.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;

absl::Status Wrong(absl::string_view field, absl::string_view what) {
  FieldProblems problems;
  problems.Add(field, what);
  return problems.status();
}

// The elements of a BYTES tensor as they travel: each after its length in four bytes.
absl::StatusOr<std::vector<ImageSource>> SplitBytes(absl::string_view raw, size_t count) {
  std::vector<ImageSource> images;
  while (images.size() < count) {
    uint32_t length = 0;
    if (raw.size() < sizeof(length)) {
      return Wrong(kImageInput,
                   absl::StrCat("holds ", images.size(), " elements, but its shape says ", count));
    }
    std::memcpy(&length, raw.data(), sizeof(length));  // our machines are little-endian
    raw.remove_prefix(sizeof(length));
    if (raw.size() < length) {
      return Wrong(kImageInput, absl::StrCat("element ", images.size(), " claims ", length,
                                             " bytes, but ", raw.size(), " are left"));
    }
    images.emplace_back(raw.substr(0, length));
    raw.remove_prefix(length);
  }
  if (!raw.empty()) {
    return Wrong(kImageInput, absl::StrCat(raw.size(), " bytes follow the last element"));
  }
  return images;
}

absl::StatusOr<std::vector<ImageSource>> TakeEntries(const inference::InferTensorContents& contents,
                                                     size_t count) {
  if (static_cast<size_t>(contents.bytes_contents_size()) != count) {
    return Wrong(kImageInput, absl::StrCat("holds ", contents.bytes_contents_size(),
                                           " elements, but its shape says ", count));
  }
  std::vector<ImageSource> images;
  for (const std::string& file : contents.bytes_contents()) {
    images.emplace_back(absl::string_view(file));
  }
  return images;
}

absl::Status CheckFiles(const std::vector<ImageSource>& images) {
  for (size_t i = 0; i < images.size(); ++i) {
    if (std::get<absl::string_view>(images[i]).empty()) {
      return Wrong(kImageInput,
                   absl::StrCat("element ", i, " is empty: send a PNG, JPEG or DICOM file"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ImageSource>> SplitFloats(absl::string_view raw, size_t count,
                                                     const InputSpec& input) {
  const size_t bytes = sizeof(float) * input.channels * input.side_px * input.side_px;
  if (raw.size() != bytes * count) {
    return Wrong(kTensorInput,
                 absl::StrCat("must be ", bytes * count, " bytes by its shape, got ", raw.size()));
  }
  std::vector<ImageSource> images;
  for (size_t i = 0; i < count; ++i) {
    images.emplace_back(TensorPixels{raw.substr(bytes * i, bytes)});
  }
  return images;
}

absl::string_view FloatsOf(const inference::InferTensorContents& contents) {
  return {reinterpret_cast<const char*>(contents.fp32_contents().data()),
          sizeof(float) * contents.fp32_contents_size()};
}

// The number of images by `input`'s shape.
absl::StatusOr<size_t> CountOf(const Input& input, const TensorSchema& schema) {
  const auto& shape = input.shape();
  const bool named = input.datatype() == schema.datatype;
  const std::vector<int64_t> axes(shape.begin() + (shape.empty() ? 0 : 1), shape.end());
  // A list of files needs no second axis.
  const bool fits = axes == schema.dims || (schema.type == inference::TYPE_STRING && axes.empty());
  if (!named || shape.empty() || !fits) {
    return Wrong(schema.name, absl::StrCat("must be ", schema.datatype, " of shape [N, ",
                                           absl::StrJoin(schema.dims, ", "), "]"));
  }
  if (shape[0] < 1 || shape[0] > kMaxImagesPerCall) {
    return Wrong(schema.name,
                 absl::StrCat("must hold 1 to ", kMaxImagesPerCall, " images, got ", shape[0]));
  }
  return static_cast<size_t>(shape[0]);
}

absl::StatusOr<const Input*> TheInput(const inference::ModelInferRequest& request) {
  if (request.inputs_size() != 1) {
    return Wrong("inputs",
                 absl::StrCat("must be one, IMAGE or TENSOR, got ", request.inputs_size()));
  }
  const Input& input = request.inputs(0);
  if (input.name() != kImageInput && input.name() != kTensorInput) {
    return Wrong("inputs[0].name", "must be IMAGE or TENSOR");
  }
  if (!input.parameters().empty()) {
    return Wrong(input.name(), "takes no parameters; shared memory is not supported");
  }
  if (request.raw_input_contents_size() > 1 ||
      (request.raw_input_contents_size() == 1) == input.has_contents()) {
    return Wrong(input.name(),
                 "must have its elements either in contents or in one entry of "
                 "raw_input_contents");
  }
  return &input;
}

}  // namespace

absl::StatusOr<std::vector<ImageSource>> ImagesFrom(const inference::ModelInferRequest& request,
                                                    const LoadedModel& model) {
  LINGULA_ASSIGN_OR_RETURN(const Input* const input, TheInput(request));
  const bool is_tensor = input->name() == kTensorInput;
  LINGULA_ASSIGN_OR_RETURN(const size_t count, CountOf(*input, InputsOf(model)[is_tensor ? 1 : 0]));
  const bool raw = request.raw_input_contents_size() == 1;
  if (is_tensor) {
    return SplitFloats(raw ? request.raw_input_contents(0) : FloatsOf(input->contents()), count,
                       model.input());
  }
  LINGULA_ASSIGN_OR_RETURN(std::vector<ImageSource> images,
                           raw ? SplitBytes(request.raw_input_contents(0), count)
                               : TakeEntries(input->contents(), count));
  LINGULA_RETURN_IF_ERROR(CheckFiles(images));
  return images;
}

}  // namespace lingula
