#include "model/calibration/cholesky.h"

#include <cmath>
#include <utility>

#include "model/base/status_macros.h"

namespace lingula {

absl::StatusOr<std::vector<double>> Cholesky(std::vector<double> a, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) {
        sum -= a[i * n + k] * a[j * n + k];
      }
      if (i == j && !(sum > 0)) {
        return absl::InvalidArgumentError("the matrix is not positive definite");
      }
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
    for (size_t j = i + 1; j < n; ++j) {
      a[i * n + j] = 0;
    }
  }
  return a;
}

std::vector<double> InvertLower(const std::vector<double>& lower, size_t n) {
  std::vector<double> inverse(n * n, 0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) {
      const double factor = lower[i * n + k];
      for (size_t j = 0; j <= k; ++j) {
        inverse[i * n + j] -= factor * inverse[k * n + j];
      }
    }
    inverse[i * n + i] = 1;
    for (size_t j = 0; j <= i; ++j) {
      inverse[i * n + j] /= lower[i * n + i];
    }
  }
  return inverse;
}

absl::StatusOr<std::vector<double>> SolveSymmetric(std::vector<double> a, std::vector<double> b) {
  const size_t n = b.size();
  LINGULA_ASSIGN_OR_RETURN(const std::vector<double> lower, Cholesky(std::move(a), n));
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) {
      b[i] -= lower[i * n + k] * b[k];
    }
    b[i] /= lower[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) {
      b[i] -= lower[k * n + i] * b[k];
    }
    b[i] /= lower[i * n + i];
  }
  return b;
}

}  // namespace lingula
