#include "server/batching/batch_queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/batching/door.h"
#include "server/batching/schedule.h"

namespace lingula {
namespace {

using std::chrono::microseconds;

// Who has no deadline, or a far one, goes no later than if it had this one.
constexpr std::chrono::seconds kPatience(10);

absl::Status Closed() {
  return absl::UnavailableError("the server is draining: send to another one");
}

absl::Status Full(int places) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the model's queue is full (", places, " samples): retry later"));
}

absl::Status Overloaded() {
  return absl::ResourceExhaustedError(
      "the deadline cannot be met: other requests were accepted before; retry later, or elsewhere");
}

Instant DueOf(Instant deadline, Instant now) {
  return std::min(deadline, now + kPatience);
}

}  // namespace

Ticket::Ticket(Ticket&& other) noexcept
    : queue_(std::exchange(other.queue_, nullptr)), number_(other.number_) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    GiveBack();
    queue_ = std::exchange(other.queue_, nullptr);
    number_ = other.number_;
  }
  return *this;
}

void Ticket::GiveBack() {
  if (queue_ != nullptr) {
    std::exchange(queue_, nullptr)->GiveBack(number_);
  }
}

BatchQueue::BatchQueue(const Options& options, const Clock& clock,
                       absl::Span<const BatchCost> costs)
    : options_(options),
      clock_(clock),
      wake_(options.instances),
      costs_(options.max_batch_size),
      free_at_(options.instances, Instant::min()) {
  for (const BatchCost& cost : costs) {
    costs_.Learn(cost);
  }
}

Admission BatchQueue::Admit(const Flow& flow, Instant deadline) {
  Admission admission;
  const Instant now = clock_.Now();
  Place place;
  place.flow = flow;
  place.deadline = deadline;
  place.due = DueOf(deadline, now);
  place.arrived = now;
  MutexLock lock(mu_);
  if (closed_) {
    admission.status = Closed();
    return admission;
  }
  admission = Ask(place);
  if (!admission.status.ok()) {
    return admission;
  }
  const auto at = std::upper_bound(places_.begin(), places_.end(), place, IsDueEarlier);
  waiting_.insert(waiting_.begin() + (at - places_.begin()), Waiting{++last_number_, Task()});
  places_.insert(at, place);
  admission.ticket.queue_ = this;
  admission.ticket.number_ = last_number_;
  return admission;
}

absl::Status BatchQueue::Push(Ticket ticket, Task& task) {
  ticket.queue_ = nullptr;  // the place is given up or used here
  CondVar* wake = nullptr;
  {
    MutexLock lock(mu_);
    const size_t index = Find(ticket.number_);
    if (index == places_.size()) {
      return absl::ResourceExhaustedError(kGaveWay);
    }
    if (closed_) {
      Remove(index);
      return Closed();
    }
    task.queued = clock_.Now();
    task.deadline = places_[index].deadline;
    places_[index].is_ready = true;
    waiting_[index].task = std::move(task);
    wake = NextToWake();
  }
  if (wake != nullptr) {
    wake->NotifyOne();  // who wakes can have the lock at once
  }
  return absl::OkStatus();
}

Batch BatchQueue::TryPop(int instance) {
  MutexLock lock(mu_);
  return TakeReady(clock_.Now(), instance);
}

Batch BatchQueue::Pop(int instance) {
  MutexLock lock(mu_);
  for (;;) {
    const Instant now = clock_.Now();
    Batch batch = TakeReady(now, instance);
    if (!batch.empty() || (closed_ && Ready() == 0)) {
      return batch;
    }
    Sleep(instance,
          Ready() == 0 ? std::nullopt : std::optional<Instant::duration>(CompanyUntil().end - now));
  }
}

void BatchQueue::Sleep(int instance, std::optional<Instant::duration> time) {
  idle_.push_back(instance);
  if (time.has_value()) {
    wake_[instance].WaitFor(mu_, *time);
  } else {
    wake_[instance].Wait(mu_);
  }
  idle_.erase(std::remove(idle_.begin(), idle_.end(), instance), idle_.end());
}

CondVar* BatchQueue::NextToWake() {
  if (idle_.empty()) {
    return nullptr;
  }
  CondVar& wake = wake_[idle_.back()];
  idle_.pop_back();  // so that the next sample wakes another one
  return &wake;
}

void BatchQueue::Learn(const BatchCost& batch, int instance) {
  MutexLock lock(mu_);
  costs_.Learn(batch);
  free_at_[instance] = Instant::min();
}

void BatchQueue::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  for (CondVar& wake : wake_) {
    wake.NotifyOne();
  }
}

int BatchQueue::depth() const {
  MutexLock lock(mu_);
  return Ready();
}

microseconds BatchQueue::ExpectedCost(int size) const {
  MutexLock lock(mu_);
  return costs_.Expected(size);
}

size_t BatchQueue::Find(uint64_t number) const {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [number](const Waiting& each) { return each.number == number; });
  return static_cast<size_t>(found - waiting_.begin());
}

void BatchQueue::Remove(size_t index) {
  places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(index));
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
}

void BatchQueue::GiveBack(uint64_t number) {
  MutexLock lock(mu_);
  if (const size_t index = Find(number); index < places_.size()) {
    Remove(index);
  }
}

std::vector<Instant> BatchQueue::FreeAt(Instant now) const {
  std::vector<Instant> free_at = free_at_;
  for (Instant& at : free_at) {
    at = std::max(at, now);  // what runs longer than expected may end any moment
  }
  return free_at;
}

Admission BatchQueue::Ask(const Place& newcomer) {
  Admission admission;
  const Verdict verdict =
      JudgeAtDoor(places_, newcomer, options_.max_queued, FreeAt(newcomer.arrived), costs_);
  if (!verdict.is_admitted) {
    admission.is_full = verdict.is_full;
    admission.retry_after = verdict.retry_after;
    admission.status = verdict.is_full ? Full(options_.max_queued) : Overloaded();
    return admission;
  }
  std::vector<uint64_t> gone;
  for (const int index : verdict.displaced) {
    gone.push_back(waiting_[index].number);
  }
  for (const uint64_t number : gone) {
    const size_t index = Find(number);
    if (places_[index].is_ready) {
      admission.displaced.push_back(std::move(waiting_[index].task));
    }
    Remove(index);
  }
  return admission;
}

Batch BatchQueue::TakeReady(Instant now, int instance) {
  Batch batch;
  free_at_[instance] = Instant::min();
  TakeOverdue(now, batch.overdue);
  const int ready = Ready();
  const int best = costs_.BestSize();
  const Patience patience = CompanyUntil();
  if (ready == 0 || (ready < best && !closed_ && now < patience.end)) {
    return batch;
  }
  const int wanted = ready >= best ? costs_.SizeToTry(full_batches_++) : best;
  const Choice choice = ChooseBatch(places_, instance, now, FreeAt(now), costs_, turns_, wanted);
  const int size = static_cast<int>(choice.places.size());
  batch.cut = size >= wanted                    ? BatchCut::kSize
              : closed_                         ? BatchCut::kDrain
              : choice.for_deadline             ? BatchCut::kDeadline
              : options_.max_delay.count() == 0 ? BatchCut::kIdle
                                                : patience.cut;
  turns_.Spend(places_, choice.places);
  for (const int index : choice.places) {
    batch.tasks.push_back(std::move(waiting_[index].task));
  }
  for (auto index = choice.places.rbegin(); index != choice.places.rend(); ++index) {
    Remove(*index);
  }
  free_at_[instance] = now + costs_.Bound(size);
  return batch;
}

void BatchQueue::TakeOverdue(Instant now, std::vector<Task>& overdue) {
  for (size_t i = places_.size(); i-- > 0;) {
    // Asked once for each task, since `cancelled` may change between two looks.
    if (places_[i].is_ready && (places_[i].deadline <= now || waiting_[i].task.IsCancelled())) {
      overdue.push_back(std::move(waiting_[i].task));
      Remove(i);
    }
  }
}

int BatchQueue::Ready() const {
  return static_cast<int>(std::count_if(places_.begin(), places_.end(),
                                        [](const Place& place) { return place.is_ready; }));
}

BatchQueue::Patience BatchQueue::CompanyUntil() const {
  Patience patience;
  const microseconds with_one_more = costs_.Bound(std::min(Ready() + 1, costs_.max_size()));
  for (size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].is_ready) {
      continue;
    }
    if (const Instant end = waiting_[i].task.queued + options_.max_delay; end < patience.end) {
      patience = {end, BatchCut::kDelay};
    }
    if (places_[i].deadline == Instant::max()) {
      continue;
    }
    if (const Instant end = places_[i].deadline - with_one_more; end < patience.end) {
      patience = {end, BatchCut::kDeadline};
    }
  }
  return patience;
}

}  // namespace lingula
