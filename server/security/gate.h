// The gate that every call passes: who calls, what he may do, how much he takes already.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"
#include "server/security/callers.h"
#include "server/security/identity.h"
#include "server/security/token_bucket.h"

namespace lingula {

// What a caller showed.
struct Credentials {
  std::string host;  // without port
  // "Bearer ..." as it was sent; empty: none. Goes before certificates.
  absl::string_view authorization;
  // Of a certificate that was verified: "DNS:host", ...; the one that counts most first.
  std::vector<std::string> subjects;
};

// What a call takes while it lasts.
enum class Claim { kNothing, kCall, kStream };

// Why a call was refused, in the order of kRefusalReasons (server/metrics/security_metrics.h).
enum class Refusal { kUnauthenticated, kPermissionDenied, kRate, kCalls, kStreams };

struct Refused {
  Refusal reason;
  absl::Status status;                 // UNAUTHENTICATED, PERMISSION_DENIED or RESOURCE_EXHAUSTED
  std::chrono::microseconds retry{0};  // RESOURCE_EXHAUSTED: when to come back
};

class Gate;

// Leave to make a call; gives back what the call took when it goes or is told to. Not copied; the
// gate outlives it.
class Pass {
 public:
  Pass() = default;
  Pass(Pass&& other) noexcept { *this = std::move(other); }
  Pass& operator=(Pass&& other) noexcept;
  ~Pass() { Leave(); }

  // As the file of callers has it, or "anonymous".
  const std::string& name() const { return name_; }
  // Tells callers apart; those without a name by host.
  uint64_t number() const { return number_; }
  // Gives back what the call took. Later calls do nothing.
  void Leave();

 private:
  friend class Gate;
  std::string name_ = "anonymous";
  uint64_t number_ = 0;
  Gate* gate_ = nullptr;  // null: nothing is to be given back
  int* places_ = nullptr;
};

// Thread-safe. Takes about a microsecond, most of it the hash of a token (docs/performance.md).
class Gate {
 public:
  struct Options {
    Roles anonymous = Roles::All();
    CallerLimits each;
  };
  // `refused` hears of each refusal; any thread; must not wait.
  Gate(const Options& options, const Clock& clock, std::function<void(Refusal)> refused);

  // From now on these may call; those who have passed stay.
  void Replace(std::shared_ptr<const Callers> callers) ABSL_LOCKS_EXCLUDED(mu_);

  std::variant<Pass, Refused> Admit(const Credentials& credentials, Role role, Claim claim)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Callers whose limits are watched now.
  size_t watched() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend class Pass;
  struct Watched {
    CallerLimits limits;
    TokenBucket bucket;
    int calls = 0, streams = 0;
  };

  std::variant<const KnownCaller*, Refused> Identify(const Credentials& credentials,
                                                     const Callers& callers, Role role) const;
  std::variant<Pass, Refused> Claimed(const std::string& key, const CallerLimits& limits,
                                      Claim claim) ABSL_LOCKS_EXCLUDED(mu_);
  void GiveBack(int& places) ABSL_LOCKS_EXCLUDED(mu_);
  void ForgetIdle(Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  const Clock& clock_;
  const std::function<void(Refusal)> refused_;
  mutable Mutex mu_;
  std::shared_ptr<const Callers> callers_ ABSL_GUARDED_BY(mu_);  // shared: replaced while read
  std::unordered_map<std::string, Watched> watched_ ABSL_GUARDED_BY(mu_);
  size_t forget_at_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula
