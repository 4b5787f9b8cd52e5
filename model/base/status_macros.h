// Two macros that let a function read like the list of its steps.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define LINGULA_CONCAT_INNER(a, b) a##b
#define LINGULA_CONCAT(a, b) LINGULA_CONCAT_INNER(a, b)

// Returns the status of `expr` from the enclosing function unless it is OK.
#define LINGULA_RETURN_IF_ERROR(expr)                   \
  do {                                                  \
    if (absl::Status status_ = (expr); !status_.ok()) { \
      return status_;                                   \
    }                                                   \
  } while (false)

// Declares `lhs` from the value of the StatusOr `expr`, or returns its status.
#define LINGULA_ASSIGN_OR_RETURN(lhs, expr) \
  LINGULA_ASSIGN_OR_RETURN_INNER(LINGULA_CONCAT(status_or_, __LINE__), lhs, expr)
#define LINGULA_ASSIGN_OR_RETURN_INNER(status_or, lhs, expr) \
  auto status_or = (expr);                                   \
  if (!status_or.ok()) {                                     \
    return std::move(status_or).status();                    \
  }                                                          \
  lhs = *std::move(status_or)
