// Why a server ends.
#pragma once

#include <thread>

#include "absl/status/status.h"
#include "model/base/mutex.h"
#include "server/server.h"

namespace lingula {

// SIGTERM, SIGINT, or a failure that only a new process can mend. Make one before the first thread:
// it holds the signals back in the thread that makes it and in those started later.
// Threads  Fail by any thread; Wait by one.
class StopSignal {
 public:
  // While one lives, a signal ends the process at once with exit code 0: nobody waits for it yet.
  // Not beside Wait.
  class AtOnce {
   public:
    explicit AtOnce(const StopSignal& stop);
    ~AtOnce();
    AtOnce(const AtOnce&) = delete;
    AtOnce& operator=(const AtOnce&) = delete;

   private:
    int over_ = -1;  // a file descriptor
    std::thread thread_;
  };

  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Ends Wait. The first failure counts. Does not wait.
  void Fail(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mu_);
  // OK after a signal, the failure after Fail. From then on signals take their default way: a
  // second one ends the process at once.
  absl::Status Wait() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  int signals_ = -1, failed_ = -1;  // file descriptors
  Mutex mu_;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
};

// Serves until `stop`, then drains. Returns what StopSignal::Wait did.
absl::Status ServeUntilStopped(Server& server, StopSignal& stop);

}  // namespace lingula
