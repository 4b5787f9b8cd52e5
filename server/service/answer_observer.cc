#include "server/service/answer_observer.h"

#include <algorithm>
#include <utility>

namespace lingula {

void Observation::Begin(AnswerObserver* observer, const ModelHandle& model, const Sample& sample) {
  if (observer == nullptr || !observer->Wants(*model)) {
    return;
  }
  observer_ = observer;
  answered_ = std::make_unique<AnsweredSample>();
  answered_->model = model;
  answered_->sample = sample;
  answered_->sample.second_opinion = false;  // masks are compared, not opinions
}

void Observation::Keep(const Prediction& prediction) {
  if (answered_ != nullptr) {
    answered_->probabilities = prediction.probabilities;
  }
}

void Observation::End(float threshold, const BatchReceipt& receipt) {
  if (answered_ == nullptr) {
    return;
  }
  answered_->threshold = threshold;
  answered_->infer_us = static_cast<double>(receipt.infer_us) / std::max(1, receipt.batch_size);
  observer_->Observe(std::move(*answered_));
  answered_.reset();
}

}  // namespace lingula
