// A network on a made-up device: tests say how much fits and when it fails.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/device/graph_runner.h"

namespace lingula::test {

// What a test decides and sees; outlives the runner.
struct FakeDevice {
  int most_rows = 1000;  // larger buckets do not fit
  int failures = 0;      // runs and captures that fail from now on
  bool lost = false;
  std::vector<std::pair<int, int>> runs;  // bucket and used rows of each
  std::set<int> captured;
  std::vector<std::string> texts;
};

// Answers with the pixels as probabilities, zones that follow the report's number, and the guidance
// as its feature.
class FakeRunner final : public GraphRunner {
 public:
  FakeRunner(FakeDevice& device, int max_rows) : device_(device), max_rows_(max_rows) {
    layout_.side_px = 2;
    layout_.channels = 1;
    layout_.has_zones = true;
    layout_.features = 1;
    layout_.prototypes = 1;
    layout_.prototypes_listed = 2;
    layout_.pool = 4;
    rows_in_.resize(layout_.row_in() * max_rows);
    rows_out_.resize(layout_.row_out() * max_rows);
  }

  const RowLayout& layout() const override { return layout_; }
  int max_rows() const override { return max_rows_; }
  bool reads_free_text() const override { return true; }
  float* rows_in() override { return rows_in_.data(); }
  const float* rows_out() const override { return rows_out_.data(); }

  DeviceResult Capture(int bucket) override {
    DeviceResult result = Fate(bucket);
    if (result.ok()) {
      device_.captured.insert(bucket);
    }
    return result;
  }
  DeviceResult Run(int bucket, int used) override {
    DeviceResult result = Fate(bucket);
    if (!result.ok()) {
      return result;
    }
    device_.runs.emplace_back(bucket, used);
    for (int i = 0; i < used; ++i) {
      Answer(&rows_in_[i * layout_.row_in()], &rows_out_[i * layout_.row_out()]);
    }
    return {};
  }
  void Drop(int bucket) override { device_.captured.erase(bucket); }
  DeviceResult ReadText(int /*slot*/, const std::string& text, bool& truncated) override {
    device_.texts.push_back(text);
    truncated = text.size() > 10;
    return {};
  }

 private:
  DeviceResult Fate(int bucket) {
    if (device_.lost) {
      return {DeviceFault::kLost, "fake loss"};
    }
    if (device_.failures > 0) {
      --device_.failures;
      return {DeviceFault::kFailed, "fake failure"};
    }
    return bucket > device_.most_rows ? DeviceResult{DeviceFault::kOutOfMemory, "fake limit"}
                                      : DeviceResult{};
  }
  void Answer(const float* in, float* out) const {
    for (size_t i = 0; i < layout_.area(); ++i) {
      out[i] = in[i];
    }
    for (int z = 0; z < kZones; ++z) {
      out[layout_.zones_at() + z] = in[layout_.report_at()] == kOwnReport && z == 0 ? 0.9F : 0.1F;
    }
    out[layout_.features_at()] = in[layout_.guided_at()];
    out[layout_.prototypes_at()] = 6;  // label 1, index 2
    out[layout_.prototypes_at() + 1] = 0;
    out[layout_.similarities_at()] = 0.75F;
    out[layout_.similarities_at() + 1] = 0.5F;
  }

  FakeDevice& device_;
  const int max_rows_;
  RowLayout layout_;
  std::vector<float> rows_in_, rows_out_;
};

}  // namespace lingula::test
