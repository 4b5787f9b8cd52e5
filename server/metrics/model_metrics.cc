#include "server/metrics/model_metrics.h"

namespace lingula {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using Buckets = prometheus::Histogram::BucketBoundaries;

constexpr std::array<const char*, kStages> kStageNames = {
    "decode", "preprocess", "queue", "infer", "postprocess", "encode", "total"};
constexpr std::array<const char*, 5> kCutNames = {"size", "delay", "idle", "drain", "deadline"};

}  // namespace

const Buckets& LatencyBuckets() {
  static const auto* const kBuckets =
      new Buckets{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3,
                  50e-3, 100e-3, 250e-3, 500e-3, 1.0,  2.5,    5.0,  10.0};
  return *kBuckets;
}

ModelFamilies::ModelFamilies(prometheus::Registry& registry)
    : stages_(BuildHistogram()
                  .Name("lingula_stage_duration_seconds")
                  .Help("Time of each stage of a successful Segment call.")
                  .Register(registry)),
      queue_depth_(BuildGauge()
                       .Name("lingula_queue_depth")
                       .Help("Samples waiting for a batch.")
                       .Register(registry)),
      queue_delay_(BuildHistogram()
                       .Name("lingula_queue_delay_seconds")
                       .Help("Wait of each sample in the queue, whatever became of it.")
                       .Register(registry)),
      batch_size_(BuildHistogram()
                      .Name("lingula_batch_size")
                      .Help("Samples in a batch given to the engine.")
                      .Register(registry)),
      batch_cuts_(BuildCounter()
                      .Name("lingula_batch_cuts_total")
                      .Help("Batches by the reason for which they were closed.")
                      .Register(registry)),
      rejected_(BuildCounter()
                    .Name("lingula_rejected_total")
                    .Help("Segment calls refused although they were well-formed.")
                    .Register(registry)),
      expired_(BuildCounter()
                   .Name("lingula_expired_total")
                   .Help("Segment calls whose deadline passed before they were answered.")
                   .Register(registry)),
      cancelled_(BuildCounter()
                     .Name("lingula_cancelled_total")
                     .Help("Segment calls given up by their caller.")
                     .Register(registry)),
      expected_dice_(BuildHistogram()
                         .Name("lingula_expected_dice")
                         .Help("Expected Dice of the masks that are not empty.")
                         .Register(registry)),
      flags_(BuildCounter()
                 .Name("lingula_flags_total")
                 .Help("Answers by what their caller should know before using them.")
                 .Register(registry)) {}

std::unique_ptr<ModelMetrics> ModelFamilies::Make(const std::string& id) {
  const prometheus::Labels labels = {{"model", id}};
  const auto with = [&labels](const char* name, const char* value) {
    prometheus::Labels all = labels;
    all[name] = value;
    return all;
  };
  std::unique_ptr<ModelMetrics> made(new ModelMetrics{
      {},
      queue_depth_.Add(labels),
      queue_delay_.Add(labels, LatencyBuckets()),
      batch_size_.Add(labels, Buckets{1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256}),
      {},
      rejected_.Add(with("reason", "queue_full")),
      rejected_.Add(with("reason", "deadline")),
      rejected_.Add(with("reason", "displaced")),
      rejected_.Add(with("reason", "draining")),
      expired_.Add(labels),
      cancelled_.Add(labels),
      expected_dice_.Add(labels, Buckets{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1}),
      {}});
  for (int i = 0; i < kStages; ++i) {
    made->stage_seconds[i] = &stages_.Add(with("stage", kStageNames[i]), LatencyBuckets());
  }
  for (size_t i = 0; i < kCutNames.size(); ++i) {
    made->batch_cuts[i] = &batch_cuts_.Add(with("reason", kCutNames[i]));
  }
  for (size_t i = 1; i < kFlagNames.size(); ++i) {
    made->flags[i] = &flags_.Add(with("flag", kFlagNames[i]));
  }
  return made;
}

}  // namespace lingula
