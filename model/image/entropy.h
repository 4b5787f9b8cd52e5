// How undecided a network is.
#pragma once

#include <vector>

namespace lingula {

// Mean binary entropy in [0, 1] of probabilities, each exact to 1e-5 bits and at 0, 0.5 and 1; 0
// for none. What is not a number counts as 0, what lies outside [0, 1] as the nearer end. Meant for
// the network's own pixels: up-sampled ones say the same for many times the work.
double MeanEntropyBits(const std::vector<float>& probabilities);

}  // namespace lingula
