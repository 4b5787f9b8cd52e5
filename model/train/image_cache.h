// A data set decoded once and kept in memory at the network's size.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/image/preprocess.h"
#include "model/train/data_manifest.h"

namespace lingula {

// All tensors in the axis order of the network ([x, y] when the spec transposes).
struct ImageCache {
  torch::Tensor images;              // uint8 [N, C, S, S]
  torch::Tensor masks;               // uint8 [N, S, S], 0 or 1
  torch::Tensor zones;               // float32 [N, 6]
  std::vector<std::string> skipped;  // "FILE: reason" for rows that could not be read

  int64_t size() const { return images.size(0); }
};

// What to do with a row that cannot be read.
enum class BrokenFiles { kRefuse, kSkip };

// Decodes every row. `progress` is called after each with (done, all).
// Errors   INVALID_ARGUMENT naming the first broken file under kRefuse, or a row without zones.
absl::StatusOr<ImageCache> LoadImages(const std::vector<DataRow>& rows, const InputSpec& spec,
                                      BrokenFiles policy,
                                      const std::function<void(int64_t, int64_t)>& progress);

}  // namespace lingula
