// `lingula segment --csv`: one row a picture, and what an interrupted run had finished.
#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::cli {

// Whole records of a CSV file (RFC 4180). A last record without its line's end was interrupted and
// is left out.
std::vector<std::vector<std::string>> ParseCsv(absl::string_view text);

// One picture that was answered.
struct TableEntry {
  std::string file;
  uint32_t frame = 0;  // as asked for: 0 the first
  std::chrono::microseconds round_trip{0};
  std::vector<std::string> written;  // paths of result files
};

// A row is written, whole, when all its result files are: what has a row is done. Rows of pictures
// that failed tell why, and do not count as done.
// Threads  One at a time.
class ResultTable {
 public:
  // `settings`: a digest of what changes results. With `resume` the rows of `path` that are done
  // stay, if their result files are still there, and all others go.
  // Errors   FAILED_PRECONDITION: `path` was made with other settings, or is no such table; the
  //          reason why it cannot be read or written.
  static absl::StatusOr<ResultTable> Open(const std::string& path, const std::string& settings,
                                          bool resume);

  bool IsDone(const std::string& file, uint32_t frame) const;
  // How many frames `file` has, by its rows; 0: not known.
  uint32_t FramesOf(const std::string& file) const;

  absl::Status Add(const TableEntry& entry, const v1::SegmentResponse& answer);
  absl::Status AddFailure(const std::string& file, uint32_t frame, const absl::Status& status);

 private:
  ResultTable(std::string path, std::string settings);
  absl::Status Keep(const std::string& old);
  absl::Status Append(const std::vector<std::string>& row);

  std::string path_, settings_;
  std::set<std::pair<std::string, uint32_t>> done_;
  std::map<std::string, uint32_t> frames_;
  std::ofstream out_;
};

}  // namespace lingula::cli
