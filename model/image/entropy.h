// How undecided a network is, pixel by pixel.
#pragma once

#include <cstddef>
#include <vector>

namespace lingula {

// Binary entropy in [0, 1] of each of `count` probabilities, exact to 1e-5 bits and at 0, 0.5
// and 1. What is not a number counts as 0, what lies outside [0, 1] as the nearer end. Returns the
// sum.
double EntropyBits(const float* probabilities, size_t count, float* entropy_bits);

// Its mean. Meant for the network's own pixels: up-sampled ones say the same for many times the
// work.
double MeanEntropyBits(const std::vector<float>& probabilities);

}  // namespace lingula
