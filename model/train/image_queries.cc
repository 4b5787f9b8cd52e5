#include "model/train/image_queries.h"

#include <algorithm>

#include "model/backend/weights.h"
#include "model/train/augment.h"

namespace lingula {
namespace {

constexpr int64_t kEmbedded = 16;  // images a batch

// A copy of the network that answers faster: the same weights, folded.
Prolearn Folded(Prolearn& net, bool grey) {
  const torch::NoGradGuard no_grad;
  Prolearn fast(net->options());
  auto target = StateOf(*fast);
  for (const auto& [name, tensor] : StateOf(*net)) {
    target[name].copy_(tensor);
  }
  fast->Fold(torch::kFloat32, grey);
  return fast;
}

}  // namespace

torch::Tensor QueriesOf(Prolearn& net, const ImageCache& images, const std::vector<int64_t>& rows,
                        const std::function<void(int64_t)>& progress) {
  const torch::NoGradGuard no_grad;
  const auto device = net->parameters().front().device();
  const bool grey = device.is_cpu() && images.images.size(1) == 1;
  Prolearn fast = device.is_cpu() ? Folded(net, grey) : net;
  const bool training = net->is_training();
  net->eval();
  const auto all = torch::tensor(rows, torch::kInt64);
  std::vector<torch::Tensor> queries;
  for (int64_t from = 0; from < all.size(0); from += kEmbedded) {
    const auto some = all.narrow(0, from, std::min(kEmbedded, all.size(0) - from));
    const auto take = [&](const torch::Tensor& x) { return x.index_select(0, some).to(device); };
    auto pixels = Plain(take(images.images), take(images.masks), take(images.zones), some).images;
    pixels = grey ? pixels.narrow(1, 0, 1) : pixels;
    queries.push_back(fast->Embed(pixels.contiguous(torch::MemoryFormat::ChannelsLast))
                          .to(torch::kFloat32)
                          .to(torch::kCPU));
    if (progress) {
      progress(from + some.size(0));
    }
  }
  net->train(training);
  return torch::cat(queries);
}

}  // namespace lingula
