// A data set decoded once and kept in memory at the network's size.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/image/preprocess.h"
#include "model/train/data_manifest.h"

namespace lingula {

// All tensors in the axis order of the network ([x, y] when the spec transposes). Rows keep the
// order of the manifest; those that could not be read are left out of everything but `skipped`.
struct ImageCache {
  torch::Tensor images;              // uint8 [N, C, S, S]
  torch::Tensor masks;               // uint8 [N, S, S], 0 or 1
  torch::Tensor zones;               // float32 [N, 6], zeros where a row has none
  torch::Tensor has_zones;           // bool [N]
  std::vector<std::string> files;    // N paths of images, for messages
  std::vector<std::string> reports;  // N, as in the manifest; empty where a row has none
  std::vector<std::string> groups;   // N, likewise
  std::vector<std::string> skipped;  // "FILE: reason" for rows that could not be read

  int64_t size() const { return images.size(0); }
};

// What to do with a row that cannot be read.
enum class BrokenFiles { kRefuse, kSkip };

// Decodes every row, on all cores. `progress` is called after each with (done, all), by one thread
// at a time.
// Errors   INVALID_ARGUMENT under kRefuse, counting the broken files and naming the first 20 of
//          them, and under kSkip when none is left; RESOURCE_EXHAUSTED, before anything is read,
//          when the set does not fit into this machine's memory.
absl::StatusOr<ImageCache> LoadImages(const std::vector<DataRow>& rows, const InputSpec& spec,
                                      BrokenFiles policy,
                                      const std::function<void(int64_t, int64_t)>& progress);

// Memory of a cache of `count` pictures.
int64_t CacheBytes(int64_t count, const InputSpec& spec);

// "3 of 200 pictures: FILE: reason; FILE: reason; ..." of a list like `skipped`, the first 20.
std::string DescribeBroken(const std::vector<std::string>& broken, int64_t all);

// For what learns zones: INVALID_ARGUMENT with the number and the first of the pictures that have
// none.
absl::Status RequireZones(const ImageCache& cache);

}  // namespace lingula
