#include "client/interruption.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace lingula::cli {
namespace {

// Readable once interrupted. A signal handler reaches nothing but globals.
std::atomic<int> wake{-1};
static_assert(std::atomic<int>::is_always_lock_free, "read in a signal handler");

void Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake.load(), &one, sizeof(one));
}

void Handle(int /*signal*/) {
  const int error = errno;
  Wake();
  errno = error;
}

// Whether `file` (-1: none) was ready, rather than the interruption or the time over.
bool Wait(int file, const timespec* timeout) {
  pollfd both[] = {{wake.load(), POLLIN, 0}, {file, POLLIN, 0}};
  const int ready = ppoll(both, 2, timeout, nullptr);
  return ready > 0 && both[0].revents == 0 && both[1].revents != 0;
}

}  // namespace

Interruption::Interruption() {
  wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = Handle;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &int_before_);
  sigaction(SIGTERM, &action, &term_before_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &int_before_, nullptr);
  sigaction(SIGTERM, &term_before_, nullptr);
  close(wake.exchange(-1));
}

void Interruption::Interrupt() {
  Wake();
}

bool Interruption::interrupted() const {
  pollfd waiting{wake.load(), POLLIN, 0};
  return poll(&waiting, 1, 0) > 0;
}

bool Interruption::SleepUntil(Instant until) const {
  while (!interrupted()) {
    const std::chrono::nanoseconds left = until - Clock::Real().Now();
    if (left.count() <= 0) {
      return true;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{seconds.count(), (left - seconds).count()};
    Wait(-1, &timeout);
  }
  return false;
}

bool Interruption::WaitForInput(int file) const {
  while (!interrupted()) {
    if (Wait(file, nullptr)) {
      return true;
    }
  }
  return false;
}

}  // namespace lingula::cli
