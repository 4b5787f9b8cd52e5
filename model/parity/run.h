// Runs the checks of a folder and says what came out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/parity/check.h"
#include "model/parity/golden_folder.h"

namespace lingula::parity {

struct FileResult {
  std::string file;
  std::vector<Row> rows;
  absl::Status status;  // why the file could not be checked, or not to its end
  double seconds = 0;

  bool ok() const;
};

// The check of a file; null when nobody knows it.
const Check* FindCheck(const std::vector<Check>& checks, const std::string& file);

// Checks every file that the folder holds or should hold: those that tolerances.json names, those
// that are always expected, and companions; a file that nobody knows is a failure, for it would go
// unchecked unnoticed. With `only`, just the files named. `before` is called with each file's name
// and place before it is checked. One network is in memory at a time.
std::vector<FileResult> RunChecks(
    const GoldenFolder& folder, const std::vector<Check>& checks,
    const std::vector<std::string>& only = {},
    const std::function<void(absl::string_view file, int done, int total)>& before = nullptr);

// Whether there is anything, and all of it agrees.
bool AllOk(const std::vector<FileResult>& results);

// An aligned table of every tensor, a verdict for every file, a summary.
std::string Table(const std::vector<FileResult>& results);
// The last line of the table.
std::string Summary(const std::vector<FileResult>& results);
// The same as JSON; a difference that is no number becomes null.
std::string ToJson(const std::vector<FileResult>& results);

}  // namespace lingula::parity
