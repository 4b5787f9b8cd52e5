// Answers that do not depend on the batch.
#pragma once

#include <vector>

#include <torch/torch.h>

namespace lingula {

// answer(i) for each of `batch` samples, [1, ...] each, put together. A product whose rows are the
// few tokens of several samples may be cut up otherwise than that of one, and then rounds
// otherwise.
template <typename Answer>
torch::Tensor SampleBySample(int64_t batch, const Answer& answer) {
  if (batch == 1) {
    return answer(0);
  }
  std::vector<torch::Tensor> answers;
  for (int64_t i = 0; i < batch; ++i) {
    answers.push_back(answer(i));
  }
  return torch::cat(answers);
}

}  // namespace lingula
