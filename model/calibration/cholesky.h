// Symmetric positive definite systems on plain arrays, small enough for three loops.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"

namespace lingula {

// The lower triangle L of A = L L^T; `a` is [n, n], row-major, of which the lower half is read.
// Errors   INVALID_ARGUMENT when `a` is not positive definite.
absl::StatusOr<std::vector<double>> Cholesky(std::vector<double> a, size_t n);

// L^-1, lower triangular.
std::vector<double> InvertLower(const std::vector<double>& lower, size_t n);

// x of A x = b.
// Errors   those of Cholesky.
absl::StatusOr<std::vector<double>> SolveSymmetric(std::vector<double> a, std::vector<double> b);

}  // namespace lingula
