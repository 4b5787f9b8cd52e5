#include "model/train/batches.h"

#include <cstring>
#include <memory>

#include <ATen/CPUGeneratorImpl.h>

namespace lingula {
namespace {

// Rows of a contiguous tensor in another order. By hand, so that it needs none of Torch's threads,
// which compute meanwhile.
torch::Tensor Rows(const torch::Tensor& all, const torch::Tensor& rows) {
  auto sizes = all.sizes().vec();
  sizes[0] = rows.size(0);
  auto picked = torch::empty(sizes, all.options());
  const size_t bytes = all.nbytes() / static_cast<size_t>(all.size(0));
  const auto* from = static_cast<const char*>(all.data_ptr());
  auto* to = static_cast<char*>(picked.data_ptr());
  for (int64_t i = 0; i < rows.size(0); ++i) {
    std::memcpy(to + i * bytes, from + rows.data_ptr<int64_t>()[i] * bytes, bytes);
  }
  return picked;
}

TrainBatch ChannelsLast(TrainBatch batch) {
  batch.images = batch.images.contiguous(torch::MemoryFormat::ChannelsLast);
  return batch;
}

}  // namespace

AugmentOptions AugmentOptionsFrom(const train::v1::Augmentation& augmentation) {
  AugmentOptions o;
  o.zoom = augmentation.zoom();
  o.rotate_degrees = augmentation.rotate_degrees();
  o.shift = augmentation.shift();
  o.flip = augmentation.flip();
  o.flip_rows = augmentation.flip_rows();
  o.gamma = augmentation.gamma();
  o.noise = augmentation.noise();
  o.elastic = augmentation.elastic();
  o.colour = augmentation.colour();
  o.erase = augmentation.erase();
  o.reference_zoom = augmentation.reference_zoom();
  return o;
}

torch::Tensor EpochOrder(uint64_t seed, int64_t epoch, int64_t count) {
  const auto chance =
      at::make_generator<at::CPUGeneratorImpl>(seed * 7919 + static_cast<uint64_t>(epoch));
  return torch::randperm(count, chance, torch::kInt64);
}

uint64_t StepSeed(uint64_t seed, int64_t step) {
  return seed * 1000003 + static_cast<uint64_t>(step);
}

TrainBatch PlainRows(const ImageCache& cache, int64_t from, int64_t count, torch::Device device) {
  const auto part = [&](const torch::Tensor& all) { return all.narrow(0, from, count).to(device); };
  const auto rows = torch::arange(from, from + count, torch::kInt64).to(device);
  return ChannelsLast(Plain(part(cache.images), part(cache.masks), part(cache.zones), rows));
}

BatchSource::BatchSource(const ImageCache& cache, const InputSpec& spec,
                         const AugmentOptions& options, torch::Device device)
    : cache_(cache), spec_(spec), options_(options), device_(device) {}

BatchSource::Raw BatchSource::Gather(const torch::Tensor& rows) const {
  const auto send = [this](torch::Tensor here) {
    return device_.is_cpu() ? here : here.pin_memory().to(device_, /*non_blocking=*/true);
  };
  return {send(Rows(cache_.images, rows)), send(Rows(cache_.masks, rows)),
          send(Rows(cache_.zones, rows)), send(rows)};
}

void BatchSource::Begin(const torch::Tensor& rows) {
  // std::function wants to be copied, which a task cannot be.
  auto task = std::make_shared<std::packaged_task<Raw()>>([this, rows] { return Gather(rows); });
  next_ = task->get_future();
  thread_.Begin([task] { (*task)(); });
}

TrainBatch BatchSource::Take() {
  const Raw raw = next_.get();
  return ChannelsLast(Augment(raw.images, raw.masks, raw.zones, raw.rows, spec_, options_));
}

}  // namespace lingula
