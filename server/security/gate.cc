#include "server/security/gate.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

// A call is over soon, a stream is not.
constexpr std::chrono::milliseconds kRetryCall{50}, kRetryStream{1000};
// So many callers cost a megabyte.
constexpr size_t kFewCallers = 4096;

constexpr absl::string_view kScheme = "Bearer ";

Refused Unauthenticated(absl::string_view why) {
  return {Refusal::kUnauthenticated, absl::UnauthenticatedError(why)};
}

Refused Exhausted(Refusal reason, absl::string_view why, std::chrono::microseconds retry) {
  return {reason, absl::ResourceExhaustedError(absl::StrCat(why, ": retry later")), retry};
}

}  // namespace

Pass& Pass::operator=(Pass&& other) noexcept {
  Leave();
  name_ = std::move(other.name_);
  number_ = other.number_;
  gate_ = std::exchange(other.gate_, nullptr);
  places_ = std::exchange(other.places_, nullptr);
  return *this;
}

void Pass::Leave() {
  if (gate_ != nullptr) {
    std::exchange(gate_, nullptr)->GiveBack(*places_);
  }
}

Gate::Gate(const Options& options, const Clock& clock, std::function<void(Refusal)> refused)
    : options_(options),
      clock_(clock),
      refused_(std::move(refused)),
      callers_(std::make_shared<const Callers>()),
      forget_at_(kFewCallers) {}

void Gate::Replace(std::shared_ptr<const Callers> callers) {
  MutexLock lock(mu_);
  callers_ = std::move(callers);
}

size_t Gate::watched() const {
  MutexLock lock(mu_);
  return watched_.size();
}

std::variant<const KnownCaller*, Refused> Gate::Identify(const Credentials& credentials,
                                                         const Callers& callers, Role role) const {
  const KnownCaller* known = nullptr;
  if (!credentials.authorization.empty()) {
    if (!absl::StartsWithIgnoreCase(credentials.authorization, kScheme)) {
      return Unauthenticated("authorization: must be \"Bearer\" and a token");
    }
    known = callers.FindToken(credentials.authorization.substr(kScheme.size()));
    if (known == nullptr) {
      return Unauthenticated("the token is not known, or not any more");
    }
  } else {
    known = callers.FindCertificate(credentials.subjects);
  }
  if ((known == nullptr ? options_.anonymous : known->roles).Has(role)) {
    return known;
  }
  if (known == nullptr) {
    return Unauthenticated(credentials.subjects.empty()
                               ? "show a token or a client certificate"
                               : "the client certificate is not that of a known caller");
  }
  return Refused{Refusal::kPermissionDenied,
                 absl::PermissionDeniedError(absl::StrCat("this needs the role ", RoleName(role)))};
}

std::variant<Pass, Refused> Gate::Admit(const Credentials& credentials, Role role, Claim claim) {
  std::shared_ptr<const Callers> callers;
  {
    MutexLock lock(mu_);
    callers = callers_;
  }
  auto identified = Identify(credentials, *callers, role);
  if (Refused* refused = std::get_if<Refused>(&identified)) {
    refused_(refused->reason);
    return std::move(*refused);
  }
  const KnownCaller* const known = std::get<const KnownCaller*>(identified);
  // No name contains a colon, so nobody can be named like somebody's host.
  const std::string key = known != nullptr ? known->name : absl::StrCat("host:", credentials.host);
  auto result = Claimed(
      key, known != nullptr && known->limits.has_value() ? *known->limits : options_.each, claim);
  if (const Refused* refused = std::get_if<Refused>(&result)) {
    refused_(refused->reason);
    return result;
  }
  Pass& pass = std::get<Pass>(result);
  pass.number_ = std::hash<std::string>()(key);
  if (known != nullptr) {
    pass.name_ = known->name;
  }
  return result;
}

std::variant<Pass, Refused> Gate::Claimed(const std::string& key, const CallerLimits& limits,
                                          Claim claim) {
  Pass pass;
  if (!limits.Any()) {
    return pass;
  }
  const Instant now = clock_.Now();
  MutexLock lock(mu_);
  if (watched_.size() >= forget_at_) {
    ForgetIdle(now);
  }
  Watched& caller = watched_[key];
  caller.limits = limits;
  if (claim == Claim::kCall && limits.max_calls > 0 && caller.calls >= limits.max_calls) {
    return Exhausted(
        Refusal::kCalls,
        absl::StrCat("you have ", caller.calls, " calls under way, as many as you may"),
        kRetryCall);
  }
  if (claim == Claim::kStream && limits.max_streams > 0 && caller.streams >= limits.max_streams) {
    return Exhausted(Refusal::kStreams,
                     absl::StrCat("you have ", caller.streams, " streams open, as many as you may"),
                     kRetryStream);
  }
  if (limits.calls_per_second > 0) {
    if (const auto wait = caller.bucket.Take(limits.calls_per_second, limits.burst, now)) {
      return Exhausted(Refusal::kRate,
                       absl::StrCat("you may make ", limits.calls_per_second, " calls a second"),
                       *wait);
    }
  }
  if (claim != Claim::kNothing) {
    pass.gate_ = this;
    pass.places_ = claim == Claim::kCall ? &caller.calls : &caller.streams;
    ++*pass.places_;
  }
  return pass;
}

void Gate::GiveBack(int& places) {
  MutexLock lock(mu_);
  --places;
}

// Those who have nothing under way and could make their whole burst: a fresh entry says the same.
void Gate::ForgetIdle(Instant now) {
  for (auto it = watched_.begin(); it != watched_.end();) {
    const Watched& caller = it->second;
    const bool idle =
        caller.calls == 0 && caller.streams == 0 &&
        (caller.limits.calls_per_second == 0 ||
         caller.bucket.IsFull(caller.limits.calls_per_second, caller.limits.burst, now));
    it = idle ? watched_.erase(it) : std::next(it);
  }
  // So the look at all of them costs each newcomer little.
  forget_at_ = std::max(kFewCallers, 2 * watched_.size());
}

}  // namespace lingula
