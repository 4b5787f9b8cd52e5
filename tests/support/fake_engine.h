// An engine without a network: its probabilities follow the pixels, and tests steer when it runs.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/base/mutex.h"
#include "model/engine/engine.h"

namespace lingula::test {

// Answers p = 1 / (1 + exp(-2 z)) of the first channel, so what is brighter than average becomes
// mask. Thread-safe. Must be released before it is destroyed.
class FakeEngine final : public Engine {
 public:
  enum class Fault { kNone, kThrow, kWrongLength };

  // How the made-up network is guided, by its own ways (reports are understood always).
  struct Ways {
    bool generated_report = true, prototypes = false, free_text = false;
  };

  explicit FakeEngine(int side_px = 32, int channels = 1) : FakeEngine(side_px, channels, Ways()) {}
  FakeEngine(int side_px, int channels, const Ways& ways)
      : side_px_(side_px), channels_(channels), ways_(ways) {
    zones_[static_cast<int>(Zone::kImageLeftLower)] = 0.9F;
  }

  int side_px() const override { return side_px_; }
  int channels() const override { return channels_; }
  bool Supports(GuidanceMode mode) const override {
    return mode == GuidanceMode::kGeneratedReport
               ? ways_.generated_report
               : mode != GuidanceMode::kPrototypes || ways_.prototypes;
  }
  bool ReadsFreeText() const override { return ways_.free_text; }
  bool GivesSecondOpinions() const override { return ways_.generated_report; }

  std::vector<absl::StatusOr<Prediction>> Predict(
      absl::Span<const Sample* const> samples) override {
    MutexLock lock(mu_);
    batch_sizes_.push_back(static_cast<int>(samples.size()));
    changed_.NotifyAll();
    while (blocked_) {
      changed_.Wait(mu_);
    }
    if (fault_ == Fault::kThrow) {
      throw std::runtime_error("fake failure");
    }
    std::vector<absl::StatusOr<Prediction>> answers;
    for (const Sample* sample : samples) {
      answers.push_back(Answer(*sample));
    }
    if (fault_ == Fault::kWrongLength) {
      answers.pop_back();
    }
    return answers;
  }

  // From now on Predict waits inside until Release().
  void Block() ABSL_LOCKS_EXCLUDED(mu_) { Set(&FakeEngine::blocked_, true); }
  void Release() ABSL_LOCKS_EXCLUDED(mu_) { Set(&FakeEngine::blocked_, false); }
  void SetFault(Fault fault) ABSL_LOCKS_EXCLUDED(mu_) { Set(&FakeEngine::fault_, fault); }
  void SetZones(const ZoneProbabilities& zones) ABSL_LOCKS_EXCLUDED(mu_) {
    Set(&FakeEngine::zones_, zones);
  }
  // All pixels get this probability; negative: they follow the sample again.
  void SetProbability(float p) ABSL_LOCKS_EXCLUDED(mu_) { Set(&FakeEngine::fixed_, p); }

  // Probabilities are 0.1 or 0.9, so that edges stay where they are when masks are enlarged.
  void SetSharp() ABSL_LOCKS_EXCLUDED(mu_) { Set(&FakeEngine::sharp_, true); }

  // Waits until `batches` have reached Predict in all.
  void WaitForBatches(size_t batches) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (batch_sizes_.size() < batches) {
      changed_.Wait(mu_);
    }
  }
  // Sizes of the batches seen so far.
  std::vector<int> batch_sizes() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return batch_sizes_;
  }

 private:
  template <typename T>
  void Set(T FakeEngine::*member, T value) {
    {
      MutexLock lock(mu_);
      this->*member = std::move(value);
    }
    changed_.NotifyAll();
  }

  absl::StatusOr<Prediction> Answer(const Sample& sample) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const size_t area = static_cast<size_t>(side_px_) * side_px_;
    if (sample.pixels.size() != area * channels_) {
      return absl::InvalidArgumentError("wrong sample size");
    }
    Prediction answer;
    answer.probabilities.resize(area);
    for (size_t i = 0; i < area; ++i) {
      const float z = sample.pixels[i];
      const float p = sharp_ ? (z > 0 ? 0.9F : 0.1F) : 1 / (1 + std::exp(-2 * z));
      answer.probabilities[i] = fixed_ >= 0 ? fixed_ : p;
    }
    answer.zones = zones_;
    answer.guidance = sample.guidance;
    answer.report = "fake report";
    if (sample.second_opinion) {  // everything is mask
      answer.second.emplace();
      answer.second->probabilities.assign(area, 0.9F);
      answer.second->report =
          "Bilateral pulmonary infection, two infected areas, lower left lung and lower right "
          "lung.";
    }
    return answer;
  }

  const int side_px_, channels_;
  const Ways ways_;
  mutable Mutex mu_;
  CondVar changed_;
  bool blocked_ ABSL_GUARDED_BY(mu_) = false;
  Fault fault_ ABSL_GUARDED_BY(mu_) = Fault::kNone;
  bool sharp_ ABSL_GUARDED_BY(mu_) = false;
  float fixed_ ABSL_GUARDED_BY(mu_) = -1;
  ZoneProbabilities zones_ ABSL_GUARDED_BY(mu_) = {};
  std::vector<int> batch_sizes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula::test
