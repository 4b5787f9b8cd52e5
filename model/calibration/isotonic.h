// The best map that never falls.
#pragma once

#include <vector>

namespace lingula {

// `groups` of values, in order, none empty: one number for each, never falling, with the least sum
// of absolute differences to the values of its group (isotonic median regression by pooling
// adjacent violators). Medians rather than means, since few masks fail by far, and their number
// says more of the next one than how badly they failed.
std::vector<double> IsotonicMedians(const std::vector<std::vector<double>>& groups);

}  // namespace lingula
