#include "model/train/image_cache.h"

#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/train/picture_files.h"

namespace lingula {
namespace {

struct Loaded {
  cv::Mat image, mask;  // CV_8UC(channels), CV_8UC1 0/1; axis order of the network
};

absl::StatusOr<Loaded> LoadRow(const DataRow& row, const InputSpec& spec) {
  Loaded loaded;
  LINGULA_ASSIGN_OR_RETURN(loaded.image, ReadPicture(row.image, spec.channels));
  if (loaded.image.depth() == CV_16U) {
    loaded.image.convertTo(loaded.image, CV_8U, 1.0 / 257.0);
  }
  LINGULA_ASSIGN_OR_RETURN(loaded.mask, ReadMask(row.mask));
  const cv::Size size(spec.side_px, spec.side_px);
  if (loaded.image.size() != size) {
    cv::resize(loaded.image, loaded.image, size, 0, 0, cv::INTER_CUBIC);
  }
  if (loaded.mask.size() != size) {
    cv::resize(loaded.mask, loaded.mask, size, 0, 0, cv::INTER_NEAREST);
  }
  if (spec.channels == 3) {
    cv::cvtColor(loaded.image, loaded.image, cv::COLOR_BGR2RGB);
  }
  if (spec.transpose) {
    cv::transpose(loaded.image, loaded.image);
    cv::transpose(loaded.mask, loaded.mask);
  }
  return loaded;
}

torch::Tensor ToBytes(cv::Mat mat) {  // [C, S, S]
  mat = mat.isContinuous() ? mat : mat.clone();
  return torch::from_blob(mat.data, {mat.rows, mat.cols, mat.channels()}, torch::kUInt8)
      .permute({2, 0, 1})
      .clone(torch::MemoryFormat::Contiguous);
}

}  // namespace

absl::StatusOr<ImageCache> LoadImages(const std::vector<DataRow>& rows, const InputSpec& spec,
                                      BrokenFiles policy,
                                      const std::function<void(int64_t, int64_t)>& progress) {
  ImageCache cache;
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t side = spec.side_px;
  cache.images = torch::empty({count, spec.channels, side, side}, torch::kUInt8);
  cache.masks = torch::empty({count, side, side}, torch::kUInt8);
  cache.zones = torch::zeros({count, kZones});
  int64_t kept = 0;
  for (int64_t i = 0; i < count; ++i) {
    const DataRow& row = rows[i];
    absl::StatusOr<Loaded> loaded = LoadRow(row, spec);
    if (loaded.ok() && !row.zones) {
      loaded = absl::InvalidArgumentError(absl::StrCat(
          row.image, ": line ", row.line, " of the data manifest has neither zones nor a report"));
    }
    if (loaded.ok()) {
      cache.images[kept].copy_(ToBytes(loaded->image));
      cache.masks[kept].copy_(ToBytes(loaded->mask)[0]);
      for (int z = 0; z < kZones; ++z) {
        cache.zones[kept][z] = (*row.zones)[z] ? 1.0F : 0.0F;
      }
      ++kept;
    } else if (policy == BrokenFiles::kRefuse) {
      return loaded.status();
    } else {
      cache.skipped.emplace_back(loaded.status().message());
    }
    progress(i + 1, count);
  }
  cache.images = cache.images.narrow(0, 0, kept);
  cache.masks = cache.masks.narrow(0, 0, kept);
  cache.zones = cache.zones.narrow(0, 0, kept);
  return cache;
}

}  // namespace lingula
