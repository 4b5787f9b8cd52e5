// Many small equalities as one row of the table.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "model/parity/file_check.h"

namespace lingula::parity {

// Its difference is the number of failures; the note names the first.
class Count {
 public:
  explicit Count(std::string name) : row_{std::move(name), 0, 0, ""} {}

  void Expect(bool equal, const std::string& what) {
    all_ += 1;
    if (!equal) {
      row_.difference += 1;
      row_.note = row_.note.empty() ? absl::StrCat("first: ", what) : row_.note;
    }
  }
  // Counting nothing is a failure.
  void Report(FileCheck& check) {
    row_.name = absl::StrCat(row_.name, " (", all_, ")");
    row_.note = all_ == 0 ? "nothing to compare" : row_.note;
    check.Add(row_);
  }

 private:
  Row row_;
  int all_ = 0;
};

}  // namespace lingula::parity
