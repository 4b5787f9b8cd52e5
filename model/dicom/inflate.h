// Deflated data sets (PS3.5 A.5), inflated only as far as they are needed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct z_stream_s;

namespace lingula {

// Inflates from front to back. Borrows the deflated bytes. For one thread.
class Inflater {
 public:
  explicit Inflater(absl::string_view deflated);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends up to `bytes` more to `out`; fewer only at the end of the data.
  // Errors   INVALID_ARGUMENT damaged or cut off.
  absl::Status Append(size_t bytes, std::string& out);
  // Passes over them, and keeps none.
  absl::Status Skip(size_t bytes);

 private:
  absl::Status Fill(char* out, size_t bytes, size_t& filled);

  const std::unique_ptr<z_stream_s> stream_;
  bool good_ = false;
  bool ended_ = false;
};

}  // namespace lingula
