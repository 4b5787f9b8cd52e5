// Pictures to learn from in a second.
#pragma once

#include "model/train/image_cache.h"

namespace lingula::test {

// Eight noisy 64-pixel pictures, each with a bright square in another place: the mask. Zone 0 holds
// the ones on the left, zone 3 the others.
inline ImageCache TinyData() {
  torch::manual_seed(17);
  ImageCache data;
  data.images = torch::randint(0, 80, {8, 1, 64, 64}, torch::kUInt8);
  data.masks = torch::zeros({8, 64, 64}, torch::kUInt8);
  data.zones = torch::zeros({8, 6});
  data.has_zones = torch::ones({8}, torch::kBool);
  data.files.resize(8);
  data.reports.resize(8);
  data.groups.resize(8);
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t x = 4 + 5 * i, y = 8 + 9 * (i % 4);
    data.masks[i].narrow(0, x, 20).narrow(1, y, 20).fill_(1);
    data.images[i][0].narrow(0, x, 20).narrow(1, y, 20).add_(150);
    data.zones[i][x < 22 ? 0 : 3] = 1;
  }
  return data;
}

}  // namespace lingula::test
