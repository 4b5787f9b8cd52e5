// The segmentation service behind the console.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "model/base/mutex.h"

namespace lingula::console {

// A connection that is made when it is first needed, so that the console can be there before the
// service. Threads  Thread-safe.
class Service {
 public:
  explicit Service(ClientOptions options) : options_(std::move(options)) {}

  const ClientOptions& options() const { return options_; }
  // UNAVAILABLE soon when the service is away or not serving, where a call of the client would wait
  // for it until its deadline: somebody sits before the page. Null never; lives as long as this.
  absl::StatusOr<Client*> Reach() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::StatusOr<Client*> Connected() ABSL_LOCKS_EXCLUDED(mu_);

  const ClientOptions options_;
  Mutex mu_;
  std::unique_ptr<Client> client_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula::console
