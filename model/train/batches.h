// Training batches, made while the step before them is computed.
#pragma once

#include <future>

#include "lingula/train/v1/recipe.pb.h"
#include "model/base/thread_pool.h"
#include "model/train/augment.h"
#include "model/train/image_cache.h"

namespace lingula {

AugmentOptions AugmentOptionsFrom(const train::v1::Augmentation& augmentation);

// The order of the images in an epoch: int64 [count], decided by seed and epoch alone.
torch::Tensor EpochOrder(uint64_t seed, int64_t epoch, int64_t count);

// Seed of all chance in a step.
uint64_t StepSeed(uint64_t seed, int64_t step);

// Rows [from, from + count) of the cache on `device`, without variation; images channels-last.
TrainBatch PlainRows(const ImageCache& cache, int64_t from, int64_t count, torch::Device device);

// Gathers the pixels of one batch ahead and sends them to the device, on a thread of its own; Take
// varies them there.
// Threads  One thread calls. `cache` must outlive this.
class BatchSource {
 public:
  BatchSource(const ImageCache& cache, const InputSpec& spec, const AugmentOptions& options,
              torch::Device device);

  // Begins a batch; rows int64 [B] of the cache.
  void Begin(const torch::Tensor& rows);
  // The batch that was begun last, varied by chance from Torch's default generator; images
  // channels-last.
  TrainBatch Take();

 private:
  struct Raw {
    torch::Tensor images, masks, zones, rows;  // as Augment takes them, on the device
  };
  Raw Gather(const torch::Tensor& rows) const;

  const ImageCache& cache_;
  const InputSpec spec_;
  const AugmentOptions options_;
  const torch::Device device_;
  std::future<Raw> next_;
  ThreadPool thread_{1};  // last: it uses everything above
};

}  // namespace lingula
