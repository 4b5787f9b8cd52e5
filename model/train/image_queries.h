// What the images of a data set ask for.
#pragma once

#include <functional>
#include <vector>

#include "model/nets/prolearn/prolearn.h"
#include "model/train/image_cache.h"

namespace lingula {

// Queries of these rows of the cache, without variation: [n, query_dim], float32, on the CPU. On a
// processor a folded copy of the network computes them. `progress` is called with the number done.
torch::Tensor QueriesOf(Prolearn& net, const ImageCache& images, const std::vector<int64_t>& rows,
                        const std::function<void(int64_t)>& progress = nullptr);

}  // namespace lingula
