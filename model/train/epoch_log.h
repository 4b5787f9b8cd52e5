// The log of a training run: one line an epoch as CSV, and as curves.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

class EpochLog {
 public:
  using Row = std::map<std::string, double>;  // values by column

  // <folder>/log.csv and <folder>/curve.png, with columns for the terms of a loss. Begins with the
  // rows of that log whose column `step` is at most `step`; with none for 0.
  // Errors   those of reading it; INVALID_ARGUMENT for a log with other columns.
  static absl::StatusOr<EpochLog> Open(const std::string& folder,
                                       const std::vector<std::string>& terms, int64_t step);

  // Adds a row, nothing where a value is not there, and writes both files anew.
  absl::Status Add(const Row& row);

 private:
  EpochLog(std::string folder, std::vector<std::string> columns)
      : folder_(std::move(folder)), columns_(std::move(columns)) {}
  absl::Status Read(const std::string& text, int64_t step);
  std::vector<double> Column(absl::string_view name) const;
  absl::Status Draw() const;

  std::string folder_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lingula
