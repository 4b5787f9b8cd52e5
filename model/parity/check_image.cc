// Pixels to network input, and masks to what training compares with.
#include <cstring>
#include <filesystem>

#include <opencv2/imgcodecs.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/image/preprocess.h"
#include "model/parity/check.h"
#include "model/train/image_cache.h"

namespace lingula::parity {
namespace {

namespace fs = std::filesystem;

// A folder that goes away with its owner.
class ScratchFolder {
 public:
  ScratchFolder() : path_((fs::temp_directory_path() / "lingula-parity-XXXXXX").string()) {
    made_ = mkdtemp(path_.data()) != nullptr;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (made_) {
      fs::remove_all(path_, ignored);
    }
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  absl::StatusOr<std::string> Write(const std::string& name, const cv::Mat& pixels) const {
    std::vector<uint8_t> png;
    std::string path = path_ + "/" + name;
    if (!made_ || !cv::imencode(".png", pixels, png)) {
      return absl::InternalError("cannot write below " + path_);
    }
    LINGULA_RETURN_IF_ERROR(
        WriteFile(path, absl::string_view(reinterpret_cast<const char*>(png.data()), png.size())));
    return path;
  }

 private:
  std::string path_;
  bool made_ = false;
};

// A view of uint8 [H, W], which must outlive it.
cv::Mat AsPicture(const torch::Tensor& pixels) {
  return cv::Mat(static_cast<int>(pixels.size(0)), static_cast<int>(pixels.size(1)), CV_8UC1,
                 pixels.data_ptr());
}

InputSpec SpecFor(const torch::Tensor& tensor) {
  InputSpec spec;
  spec.side_px = static_cast<int>(tensor.size(-1));
  return spec;
}

// What the network gets. A picture without contrast is refused; the reference makes zeros of it.
torch::Tensor NetworkInput(const torch::Tensor& pixels, const InputSpec& spec) {
  auto input = torch::zeros({1, spec.side_px, spec.side_px});
  if (const auto values = Preprocess(AsPicture(pixels), spec); values.ok()) {
    std::memcpy(input.data_ptr(), values->data(), input.nbytes());
  } else if (!absl::IsInvalidArgument(values.status())) {
    input.fill_(std::numeric_limits<float>::quiet_NaN());
  }
  return input;
}

// What training compares with, by the way that training takes: through files.
absl::StatusOr<torch::Tensor> MaskInput(const torch::Tensor& picture, const torch::Tensor& mask,
                                        const InputSpec& spec) {
  const ScratchFolder folder;
  DataRow row;
  LINGULA_ASSIGN_OR_RETURN(row.image, folder.Write("picture.png", AsPicture(picture)));
  LINGULA_ASSIGN_OR_RETURN(row.mask, folder.Write("mask.png", AsPicture(mask)));
  row.zones = ZoneBits();
  LINGULA_ASSIGN_OR_RETURN(const ImageCache cache,
                           LoadImages({row}, spec, BrokenFiles::kRefuse, [](int64_t, int64_t) {}));
  return cache.masks;
}

}  // namespace

absl::Status CheckInputs(FileCheck& check) {
  for (const std::string& batch : check.Names()) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, check.folder().Images(batch));
    // Each picture is normalised: mean 0 and population deviation 1.
    const auto flat = images.flatten(1).to(torch::kFloat64);
    const auto figures = torch::stack({flat.mean(1), flat.std(1, false) - 1});
    check.CompareTo(batch, figures, torch::zeros_like(figures), 1e-5);
  }
  return absl::OkStatus();
}

absl::Status CheckPreprocess(FileCheck& check) {
  for (const std::string& picture : check.Batches()) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor pixels, check.Input(picture + ".pixels"));
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor tensor, check.Input(picture + ".tensor"));
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor mask, check.Input(picture + ".mask_pixels"));
    check.Compare(picture + ".tensor", NetworkInput(pixels, SpecFor(tensor)));
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor mask_input,
                             MaskInput(pixels, mask, SpecFor(tensor)));
    check.CompareExactly(picture + ".mask_tensor", mask_input);
  }
  return absl::OkStatus();
}

}  // namespace lingula::parity
