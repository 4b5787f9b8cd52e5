// A program that runs beside this one and is spoken to in lines.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula::bench {

// The folder of this program, where its sisters lie too.
std::string OwnFolder();

// Owns one process. It ends with the thread that started it at the latest, even when this program
// is killed: start it on the main thread.
// Threads  One at a time.
class Child {
 public:
  // Runs arguments[0]. Its standard error is ours. INTERNAL when the system refuses; a program that
  // cannot be run shows in ReadLine.
  static absl::StatusOr<std::unique_ptr<Child>> Start(const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next line of its standard output. UNAVAILABLE when it ended before, DEADLINE_EXCEEDED.
  absl::StatusOr<std::string> ReadLine(std::chrono::seconds limit);
  // A line for its standard input. UNAVAILABLE when it has ended.
  absl::Status WriteLine(absl::string_view line);
  // SIGTERM, then waits. UNKNOWN when it ends otherwise than with `exit(0)`.
  absl::Status Stop();

  pid_t pid() const { return pid_; }

 private:
  Child(std::string name, pid_t pid, int input, int output)
      : name_(std::move(name)), pid_(pid), input_(input), output_(output) {}

  const std::string name_;
  pid_t pid_;  // 0: has been waited for
  const int input_, output_;
  std::string unread_;
};

}  // namespace lingula::bench
