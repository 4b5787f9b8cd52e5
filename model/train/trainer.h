// The SGSeg training loop (docs/models.md, "Training").
#pragma once

#include <string>

#include "absl/status/status.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "model/train/augment.h"
#include "model/train/image_cache.h"

namespace lingula {

struct TrainOptions {
  int epochs = 10;
  int batch = 32;
  double encoder_rate = 4e-4;  // highest learning rate of the encoder
  double rate = 1.5e-3;        // and of everything else
  double weight_decay = 0.02;
  int warmup_steps = 200;
  double zone_weight = 0.5;     // of the zone loss
  double coarse_weight = 0.3;   // of the coarse mask's loss
  double truth_share = 0.4;     // samples guided by the report of the truth,
  double withheld_share = 0.2;  // by nothing; the rest by the network's own report
  double ema = 0.998;
  uint64_t seed = 0;
  bool bf16 = true;
  AugmentOptions augment;
  std::string start;  // TFLite file of an ImageNet MobileNetV2; empty: random
  std::string out;    // folder for checkpoints, log and bundle
  bool resume = false;
  int stop_after = 0;  // epochs, counted from the first; then return without a bundle; 0: never
};

// Trains, keeps <out>/last.safetensors (everything needed to go on) and <out>/best.safetensors (the
// averaged weights of the epoch with the best validation Dice), writes <out>/log.csv and at last
// the bundle <out>/<name>/<version>/. The same seed, data and thread count give the same weights.
absl::Status Train(const bundle::v1::Manifest& manifest, const ImageCache& train,
                   const ImageCache& validation, const TrainOptions& options);

}  // namespace lingula
