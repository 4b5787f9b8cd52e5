#include "server/service/smoothing.h"

namespace lingula {

void Smoothing::Apply(cv::Size frame_size, std::vector<float>& probabilities) {
  if (frame_size == frame_size_ && past_.size() == probabilities.size()) {
    for (size_t i = 0; i < past_.size(); ++i) {
      probabilities[i] += weight_ * (past_[i] - probabilities[i]);
    }
  }
  frame_size_ = frame_size;
  past_ = probabilities;
}

}  // namespace lingula
