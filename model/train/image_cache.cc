#include "model/train/image_cache.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <thread>

#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/mutex.h"
#include "model/base/status_macros.h"
#include "model/image/opencv_door.h"
#include "model/train/picture_files.h"

namespace lingula {
namespace {

constexpr size_t kNamed = 20;  // broken files in a message

struct Loaded {
  cv::Mat image, mask;  // CV_8UC(channels), CV_8UC1 0/1; axis order of the network
};

absl::StatusOr<Loaded> LoadRow(const DataRow& row, const InputSpec& spec) {
  Loaded loaded;
  if (row.mask.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(row.image, ": line ", row.line, " of the data manifest has no mask"));
  }
  LINGULA_ASSIGN_OR_RETURN(loaded.image, ReadPicture(row.image, spec.channels));
  LINGULA_ASSIGN_OR_RETURN(loaded.mask, ReadMask(row.mask));
  return WithOpenCv("resizing", [&]() -> absl::StatusOr<Loaded> {
    if (loaded.image.depth() == CV_16U) {
      loaded.image.convertTo(loaded.image, CV_8U, 1.0 / 257.0);
    }
    const cv::Size size(spec.side_px, spec.side_px);
    if (loaded.image.size() != size) {
      cv::resize(loaded.image, loaded.image, size, 0, 0, cv::INTER_CUBIC);
    }
    if (loaded.mask.size() != size) {
      cv::resize(loaded.mask, loaded.mask, size, 0, 0, cv::INTER_NEAREST);
    }
    if (spec.transpose) {
      cv::transpose(loaded.image, loaded.image);
      cv::transpose(loaded.mask, loaded.mask);
    }
    return std::move(loaded);
  });
}

// Copies into one picture of a [N, C, S, S] tensor; OpenCV's blue, green, red become RGB.
void CopyPlanes(const cv::Mat& mat, uint8_t* to) {
  std::vector<cv::Mat> planes;
  cv::split(mat, planes);
  std::reverse(planes.begin(), planes.end());
  for (const cv::Mat& plane : planes) {
    std::memcpy(to, plane.data, plane.total());
    to += plane.total();
  }
}

// Runs work(0) ... work(count - 1) on all cores.
void OnAllCores(int64_t count, const std::function<void(int64_t)>& work) {
  std::atomic<int64_t> next{0};
  const auto loop = [&] {
    for (int64_t i = next++; i < count; i = next++) {
      work(i);
    }
  };
  std::vector<std::thread> threads;
  const int64_t cores = std::max(1U, std::thread::hardware_concurrency());
  for (int64_t t = 1; t < std::min(cores, count); ++t) {
    threads.emplace_back(loop);
  }
  loop();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

absl::Status CheckMemory(int64_t count, const InputSpec& spec) {
  const int64_t needed = CacheBytes(count, spec) >> 20;
  const int64_t there = (sysconf(_SC_PHYS_PAGES) >> 10) * (sysconf(_SC_PAGESIZE) >> 10);
  if (needed > there) {
    return absl::ResourceExhaustedError(
        absl::StrCat(count, " pictures of ", spec.side_px, " x ", spec.side_px, " take ", needed,
                     " MiB and this machine has ", there, "; take fewer rows or a smaller side"));
  }
  return absl::OkStatus();
}

// Moves what was read to the front, in order, and fills the rest of the cache.
void KeepLoaded(const std::vector<DataRow>& rows, const std::vector<absl::Status>& states,
                ImageCache& cache) {
  std::vector<int64_t> kept;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (states[i].ok()) {
      kept.push_back(static_cast<int64_t>(i));
      cache.files.push_back(rows[i].image);
      cache.reports.push_back(rows[i].report);
      cache.groups.push_back(rows[i].group);
    } else {
      cache.skipped.emplace_back(states[i].message());
    }
  }
  const auto count = static_cast<int64_t>(kept.size());
  if (kept.size() < rows.size()) {
    const auto index = torch::tensor(kept, torch::kInt64);
    cache.images = cache.images.index_select(0, index);
    cache.masks = cache.masks.index_select(0, index);
  }
  cache.zones = torch::zeros({count, kZones});
  cache.has_zones = torch::zeros({count}, torch::kBool);
  for (int64_t i = 0; i < count; ++i) {
    if (const auto& zones = rows[kept[i]].zones) {
      cache.has_zones[i] = true;
      for (int z = 0; z < kZones; ++z) {
        cache.zones[i][z] = (*zones)[z] ? 1.0F : 0.0F;
      }
    }
  }
}

}  // namespace

absl::StatusOr<ImageCache> LoadImages(const std::vector<DataRow>& rows, const InputSpec& spec,
                                      BrokenFiles policy,
                                      const std::function<void(int64_t, int64_t)>& progress) {
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t side = spec.side_px;
  LINGULA_RETURN_IF_ERROR(CheckMemory(count, spec));
  ImageCache cache;
  cache.images = torch::empty({count, spec.channels, side, side}, torch::kUInt8);
  cache.masks = torch::empty({count, side, side}, torch::kUInt8);
  auto* images = cache.images.data_ptr<uint8_t>();
  auto* masks = cache.masks.data_ptr<uint8_t>();
  std::vector<absl::Status> states(rows.size());
  Mutex mutex;
  int64_t done = 0;
  OnAllCores(count, [&](int64_t i) {
    const auto loaded = LoadRow(rows[i], spec);
    states[i] = loaded.status();
    if (loaded.ok()) {
      CopyPlanes(loaded->image, images + i * spec.channels * side * side);
      CopyPlanes(loaded->mask, masks + i * side * side);
    }
    MutexLock lock(mutex);
    progress(++done, count);
  });
  KeepLoaded(rows, states, cache);
  if (!cache.skipped.empty() && (policy == BrokenFiles::kRefuse || cache.size() == 0)) {
    const auto first = std::find_if(states.begin(), states.end(),
                                    [](const absl::Status& state) { return !state.ok(); });
    return absl::Status(first->code(), DescribeBroken(cache.skipped, count));
  }
  return cache;
}

int64_t CacheBytes(int64_t count, const InputSpec& spec) {
  return count * (spec.channels + 1) * spec.side_px * spec.side_px;
}

std::string DescribeBroken(const std::vector<std::string>& broken, int64_t all) {
  std::string text = absl::StrCat(broken.size(), " of ", all, " pictures cannot be used");
  for (size_t i = 0; i < std::min(broken.size(), kNamed); ++i) {
    absl::StrAppend(&text, i == 0 ? ": " : "; ", broken[i]);
  }
  if (broken.size() > kNamed) {
    absl::StrAppend(&text, "; and ", broken.size() - kNamed, " more");
  }
  return text;
}

absl::Status RequireZones(const ImageCache& cache) {
  const auto without = torch::nonzero(~cache.has_zones).flatten();
  if (without.numel() == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      without.numel(), " of ", cache.size(),
      " pictures have neither zones nor a report of the grammar, which this network learns from: "
      "the first is ",
      cache.files[without[0].item<int64_t>()], "; fill the column 'zones' or 'report'"));
}

}  // namespace lingula
