// Softmax for inference.
#pragma once

#include <torch/torch.h>

namespace lingula {

// torch::softmax(x, -1) up to rounding, in the place of `x` where it can be: on processors, float32
// or bfloat16, contiguous, without gradients. Torch's own takes rows of a few values, such as the
// tokens of a report, number by number.
torch::Tensor SoftmaxOf(torch::Tensor x);

}  // namespace lingula
