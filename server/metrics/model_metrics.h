// What is counted for each model.
#pragma once

#include <array>
#include <memory>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace lingula {

// Parts of a request's time.
enum class Stage { kDecode, kPreprocess, kQueue, kInfer, kPostprocess, kEncode, kTotal };
inline constexpr int kStages = 7;

// Flags of answers, in the order of v1::Flag, which begins with one that is never sent.
inline constexpr std::array<const char*, 11> kFlagNames = {"",
                                                           "low_confidence",
                                                           "empty_mask",
                                                           "uncalibrated",
                                                           "guidance_conflict",
                                                           "lossy_input",
                                                           "out_of_distribution",
                                                           "burned_in_text",
                                                           "wrong_modality",
                                                           "wrong_view",
                                                           "photometric_fallback"};

// 50 us to 10 s: from a cache hit on a small image to a hopelessly full queue.
const prometheus::Histogram::BucketBoundaries& LatencyBuckets();

// The metrics of one loaded model, looked up once so that a request costs no map look-ups.
// Durations in seconds. Thread-safe; lives as long as its Metrics.
struct ModelMetrics {
  std::array<prometheus::Histogram*, kStages> stage_seconds;
  prometheus::Gauge& queue_depth;
  prometheus::Histogram& queue_delay_seconds;
  prometheus::Histogram& batch_size;
  std::array<prometheus::Counter*, 5> batch_cuts;  // in the order of BatchCut
  prometheus::Counter& rejected_queue_full;
  prometheus::Counter& rejected_deadline;
  prometheus::Counter& rejected_displaced;
  prometheus::Counter& rejected_draining;
  prometheus::Counter& expired;
  prometheus::Counter& cancelled;
  prometheus::Histogram& expected_dice;
  std::array<prometheus::Counter*, kFlagNames.size()> flags;  // the first is null
};

// The families that all models share.
class ModelFamilies {
 public:
  explicit ModelFamilies(prometheus::Registry& registry);

  // All series of model `id`, from 0 on. They live as long as the registry.
  std::unique_ptr<ModelMetrics> Make(const std::string& id);

 private:
  prometheus::Family<prometheus::Histogram>& stages_;
  prometheus::Family<prometheus::Gauge>& queue_depth_;
  prometheus::Family<prometheus::Histogram>& queue_delay_;
  prometheus::Family<prometheus::Histogram>& batch_size_;
  prometheus::Family<prometheus::Counter>& batch_cuts_;
  prometheus::Family<prometheus::Counter>& rejected_;
  prometheus::Family<prometheus::Counter>& expired_;
  prometheus::Family<prometheus::Counter>& cancelled_;
  prometheus::Family<prometheus::Histogram>& expected_dice_;
  prometheus::Family<prometheus::Counter>& flags_;
};

}  // namespace lingula
