#include "client/dicom_node/attempts.h"

#include <algorithm>

namespace lingula::node {

Attempts::Attempts(std::chrono::milliseconds first_wait, std::chrono::milliseconds longest_wait)
    : first_wait_(first_wait), longest_wait_(longest_wait) {}

std::optional<uint64_t> Attempts::Take(const std::function<std::vector<uint64_t>()>& waiting,
                                       Instant now) {
  MutexLock lock(mu_);
  if (now < away_until_) {
    return std::nullopt;
  }
  for (const uint64_t number : waiting()) {
    const auto known = items_.find(number);
    if (known == items_.end() || (!known->second.taken && known->second.not_before <= now)) {
      items_[number].taken = true;
      return number;
    }
  }
  return std::nullopt;
}

void Attempts::Done(uint64_t number) {
  MutexLock lock(mu_);
  items_.erase(number);
  away_ = 0;
}

int Attempts::Failed(uint64_t number) {
  MutexLock lock(mu_);
  return ++items_[number].failures;
}

void Attempts::StepBack(uint64_t number, Instant now) {
  MutexLock lock(mu_);
  Item& item = items_[number];
  item.taken = false;
  item.not_before = now + WaitAfter(item.failures - 1);
}

std::optional<std::chrono::milliseconds> Attempts::Away(uint64_t number, Instant now) {
  MutexLock lock(mu_);
  items_[number].taken = false;
  if (now < away_until_) {
    return std::nullopt;
  }
  const std::chrono::milliseconds wait = WaitAfter(away_++);
  away_until_ = now + wait;
  return wait;
}

std::chrono::nanoseconds Attempts::WaitFrom(Instant now, std::chrono::nanoseconds longest) {
  MutexLock lock(mu_);
  if (now < away_until_) {
    return std::min<std::chrono::nanoseconds>(away_until_ - now, longest);
  }
  for (const auto& [number, item] : items_) {
    if (!item.taken && item.not_before > now) {
      longest = std::min<std::chrono::nanoseconds>(longest, item.not_before - now);
    }
  }
  return longest;
}

std::chrono::milliseconds Attempts::WaitAfter(int failures) const {
  const auto doubled = first_wait_ * (int64_t{1} << std::min(failures, 20));
  return std::min<std::chrono::milliseconds>(doubled, longest_wait_);
}

}  // namespace lingula::node
