// A recipe of a tiny ProLearn network and a few pictures for it.
#pragma once

#include <string>

#include "model/train/image_cache.h"
#include "model/train/recipe.h"

namespace lingula::test {

inline train::v1::Recipe TinyProlearn() {
  constexpr char kRecipe[] = R"pb(
    bundle {
      name: "tiny"
      version: "3"
      family: FAMILY_PROLEARN
      modality: MODALITY_CHEST_XRAY
      input { side_px: 64 channels: 1 transpose: true }
      prolearn {
        mobilenet_v2 { width: 0.5 }
        decoder_widths: [ 32, 16, 8, 4 ]
        cross_heads: 2
        head_channels: 4
        own { dim: 16 heads: 2 layers: 1 queries: 2 }
        labels: 6
        prototypes: 2
        query_dim: 16
        response_dim: 16
        top_k: 3
        similarity: SIMILARITY_COSINE
        response: RESPONSE_TOKENS
      }
      threshold: 0.5
      low_confidence_below: 0.7
      golden { mean_abs: 0.01 zone_abs: 0.02 bf16_mean_abs: 0.05 bf16_zone_abs: 0.1 }
      license: "Apache-2.0"
      notice: "Research use only."
      provenance: "made by a test"
    }
    schedule { epochs: 2 batch: 3 rate: 0.002 weight_decay: 0.01 average: 0.9 clip_norm: 3 }
    augmentation { flip: 0.5 rotate_degrees: 5 }
    losses { dice: 1 cross_entropy: 1 }
    prolearn {
      contrastive_epochs: 1
      contrastive_rate: 0.001
      text { words: 40 tokens: 24 hidden: 16 heads: 2 layers: 1 feed_forward: 32 }
      labels: PAIR_LABELS_ZONES
      pair_weight: 0.1
      label_weight: 0.5
      coarse_weight: 0.3
      matching_weight: 0.5
      truth_share: 0.3
      withheld_share: 0.2
      equal_lengths: true
    })pb";
  return ParseRecipe(kRecipe, "tiny.textproto").value();
}

// Eight noisy 64-pixel pictures, each with a bright square in another place: the mask. Their zones
// say in which half it is.
inline ImageCache TinyPictures() {
  torch::manual_seed(17);
  ImageCache data;
  data.images = torch::randint(0, 80, {8, 1, 64, 64}, torch::kUInt8);
  data.masks = torch::zeros({8, 64, 64}, torch::kUInt8);
  data.zones = torch::zeros({8, 6});
  data.has_zones = torch::ones({8}, torch::kBool);
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t x = 4 + 5 * i, y = 8 + 9 * (i % 4);
    data.masks[i].narrow(0, x, 20).narrow(1, y, 20).fill_(1);
    data.images[i][0].narrow(0, x, 20).narrow(1, y, 20).add_(150);
    data.zones[i][x < 22 ? 0 : 3] = 1;
    data.files.push_back("picture" + std::to_string(i));
    data.reports.emplace_back();
    data.groups.emplace_back();
  }
  return data;
}

}  // namespace lingula::test
