// Seeds into hostile inputs, the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lingula::fuzz {

// Input number `number`: the seeds themselves first, then seeds changed one to eight times by
// flipped bits, cuts, splices with another seed, huge numbers (binary and in digits), and ranges
// that are doubled, dropped or overwritten.
std::string Input(const std::vector<std::string>& seeds, uint64_t number);

}  // namespace lingula::fuzz
