// Batch normalisation and the activation after it as one step of training on the processor.
#pragma once

#include <torch/torch.h>

#include "model/nets/fused_conv.h"

namespace lingula {

// activation(norm(x)) for x [B, C, H, W]. While `norm` trains on a processor, and x has interleaved
// channels in float32 or bfloat16 and the activation is none, ReLU, ReLU6 or leaky ReLU, both run
// in one pass over memory and nothing but x is kept for the backward pass: half the traffic, which
// is what training small networks on processors waits for. Everywhere else it is the two layers.
// The result does not depend on the number of threads. May throw what Torch throws.
torch::Tensor NormActivate(torch::nn::BatchNorm2d& norm, const torch::Tensor& x,
                           Activation activation);

}  // namespace lingula
