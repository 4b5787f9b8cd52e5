// Who may look at answered requests.
#pragma once

#include <memory>
#include <vector>

#include "model/engine/engine.h"
#include "server/batching/batch_queue.h"
#include "server/service/model_table.h"

namespace lingula {

// A request that was answered well.
struct AnsweredSample {
  ModelHandle model;  // that answered
  Sample sample;
  std::vector<float> probabilities;  // as in Prediction
  float threshold = 0.5F;            // of the mask that was sent
  double infer_us = 0;               // forward pass, for each sample of its batch
};

// Both are called on threads that requests wait for: neither may wait. Thread-safe.
class AnswerObserver {
 public:
  virtual ~AnswerObserver() = default;
  // True when a sample on its way to `model` is to be kept for Observe, which costs a copy. It is
  // not observed when its request fails.
  virtual bool Wants(const LoadedModel& model) = 0;
  // Called after the answer has left.
  virtual void Observe(AnsweredSample answered) = 0;
};

// What is kept of one request until it is answered: nothing, unless an observer wants it. One
// thread at a time.
class Observation {
 public:
  // Before `sample` goes to `model`. `observer` may be null.
  void Begin(AnswerObserver* observer, const ModelHandle& model, const Sample& sample);
  // Before `prediction` is used up.
  void Keep(const Prediction& prediction);
  // After the answer has left. `threshold` is that of the mask.
  void End(float threshold, const BatchReceipt& receipt);

 private:
  AnswerObserver* observer_ = nullptr;  // null: nobody wants it
  std::unique_ptr<AnsweredSample> answered_;
};

}  // namespace lingula
