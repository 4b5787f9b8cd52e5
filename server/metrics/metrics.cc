#include "server/metrics/metrics.h"

#include <sstream>

#include <prometheus/text_serializer.h>

#include "server/metrics/device_metrics.h"
#include "server/metrics/process.h"

#ifndef LINGULA_VERSION
#error "LINGULA_VERSION comes from CMakeLists.txt"
#endif

namespace lingula {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using Buckets = prometheus::Histogram::BucketBoundaries;

constexpr std::array<const char*, kFrameOutcomes> kOutcomeNames = {
    "answered", "superseded", "too_old", "bad_frame", "refused", "failed"};

StreamMetrics MakeStreamMetrics(prometheus::Registry& registry) {
  auto& frames = BuildCounter()
                     .Name("lingula_stream_frames_total")
                     .Help("Answered frames of streams by what became of them.")
                     .Register(registry);
  StreamMetrics streams{BuildGauge()
                            .Name("lingula_streams_open")
                            .Help("Streams open now.")
                            .Register(registry)
                            .Add({}),
                        {},
                        BuildHistogram()
                            .Name("lingula_stream_frame_duration_seconds")
                            .Help("From the arrival of a frame to the sending of its mask.")
                            .Register(registry)
                            .Add({}, LatencyBuckets())};
  for (int i = 0; i < kFrameOutcomes; ++i) {
    streams.frames[i] = &frames.Add({{"outcome", kOutcomeNames[i]}});
  }
  return streams;
}

prometheus::Labels InfoOf(const ModelLabels& model) {
  return {{"model", model.id},
          {"name", model.name},
          {"version", model.version},
          {"family", model.family},
          {"weights", model.weights_sha256}};
}

}  // namespace

Metrics::Metrics(const DeviceBoard* devices)
    : registry_(std::make_shared<prometheus::Registry>()),
      process_(std::make_shared<ProcessMetrics>()),
      devices_(std::make_shared<DeviceMetrics>(devices)),
      requests_(BuildCounter()
                    .Name("lingula_requests_total")
                    .Help("Answered calls by method, model and gRPC code.")
                    .Register(*registry_)),
      model_families_(*registry_),
      model_info_(BuildGauge()
                      .Name("lingula_model_info")
                      .Help("1 for each loaded model.")
                      .Register(*registry_)),
      streams_(MakeStreamMetrics(*registry_)),
      security_(*registry_),
      audit_(*registry_),
      spans_(*registry_),
      model_state_(BuildGauge()
                       .Name("lingula_model_state")
                       .Help("1 for the state that a model is in, 0 for the others.")
                       .Register(*registry_)),
      model_loads_(BuildCounter()
                       .Name("lingula_model_loads_total")
                       .Help("Loads of bundles, at start and later, by outcome.")
                       .Register(*registry_)),
      golden_runs_(BuildCounter()
                       .Name("lingula_golden_runs_total")
                       .Help("Runs of the golden samples of bundles, by outcome.")
                       .Register(*registry_)),
      model_unloads_(BuildCounter()
                         .Name("lingula_model_unloads_total")
                         .Help("Models taken out while the server ran.")
                         .Register(*registry_)),
      load_seconds_(BuildHistogram()
                        .Name("lingula_model_load_duration_seconds")
                        .Help("Time to read, check and warm up a bundle.")
                        .Register(*registry_)
                        .Add({}, Buckets{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60})),
      shadow_images_(BuildCounter()
                         .Name("lingula_shadow_images_total")
                         .Help("Live pictures meant for a candidate, by what became of them.")
                         .Register(*registry_)),
      shadow_dice_(BuildHistogram()
                       .Name("lingula_shadow_dice")
                       .Help("Dice between a candidate's masks and the live ones.")
                       .Register(*registry_)),
      busy_seconds_(BuildCounter()
                        .Name("lingula_instance_busy_seconds_total")
                        .Help("Time for which an instance of a network ran.")
                        .Register(*registry_)) {
  BuildGauge()
      .Name("lingula_build_info")
      .Help("1, with the version of the server.")
      .Register(*registry_)
      .Add({{"version", LINGULA_VERSION}})
      .Set(1);
}

prometheus::Counter& Metrics::BusySeconds(const std::string& model, int number) {
  return busy_seconds_.Add({{"model", model}, {"copy", std::to_string(number)}});
}

ModelMetrics& Metrics::AddModel(const ModelLabels& model) {
  MutexLock lock(mu_);
  const prometheus::Labels info = InfoOf(model);
  model_info_.Add(info).Set(1);
  ++loaded_[info];
  std::unique_ptr<ModelMetrics>& metrics = models_[model.id];
  if (metrics == nullptr) {
    metrics = model_families_.Make(model.id);
  }
  return *metrics;
}

void Metrics::RemoveModel(const ModelLabels& model) {
  MutexLock lock(mu_);
  const prometheus::Labels info = InfoOf(model);
  if (--loaded_[info] == 0) {
    loaded_.erase(info);
    model_info_.Remove(&model_info_.Add(info));
  }
}

void StreamMetrics::Count(FrameOutcome outcome, std::chrono::nanoseconds latency) {
  frames[static_cast<size_t>(outcome)]->Increment();
  if (outcome == FrameOutcome::kAnswered) {
    frame_seconds.Observe(std::chrono::duration<double>(latency).count());
  }
}

void Metrics::CountRequest(absl::string_view method, absl::string_view model,
                           absl::string_view code) {
  requests_
      .Add({{"method", std::string(method)},
            {"model", std::string(model)},
            {"code", std::string(code)}})
      .Increment();
}

void Metrics::CountLoad(const std::string& model, absl::string_view code, double seconds) {
  model_loads_.Add({{"model", model}, {"code", std::string(code)}}).Increment();
  load_seconds_.Observe(seconds);
}

void Metrics::CountGoldenRun(const std::string& model, bool passed) {
  for (const bool outcome : {true, false}) {  // both, so that a first failure is seen as a rise
    prometheus::Counter& counter =
        golden_runs_.Add({{"model", model}, {"outcome", outcome ? "passed" : "failed"}});
    counter.Increment(outcome == passed ? 1 : 0);
  }
}

void Metrics::CountUnload(const std::string& model) {
  model_unloads_.Add({{"model", model}}).Increment();
}

void Metrics::SetModelState(const std::string& model, absl::string_view state) {
  for (const char* one : kModelStates) {
    prometheus::Gauge& gauge = model_state_.Add({{"model", model}, {"state", one}});
    gauge.Set(state == one ? 1 : 0);
    if (state.empty()) {
      model_state_.Remove(&gauge);
    }
  }
}

void Metrics::CountShadow(const std::string& candidate, absl::string_view outcome) {
  shadow_images_.Add({{"model", candidate}, {"outcome", std::string(outcome)}}).Increment();
}

void Metrics::ObserveShadowDice(const std::string& candidate, double dice) {
  shadow_dice_
      .Add({{"model", candidate}},
           Buckets{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1})
      .Observe(dice);
}

std::string Metrics::Text() const {
  std::vector<prometheus::MetricFamily> all = registry_->Collect();
  for (const auto& collectable : {process_, devices_}) {
    for (prometheus::MetricFamily& family : collectable->Collect()) {
      all.push_back(std::move(family));
    }
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, all);
  return out.str();
}

}  // namespace lingula
