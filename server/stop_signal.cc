#include "server/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "model/base/log.h"

namespace lingula {
namespace {

sigset_t StopSignals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  return stop;
}

// Waits until one of two file descriptors can be read: whether the first one can.
bool IsFirst(int one, int other) {
  pollfd ends[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
  while (poll(ends, 2, -1) < 0 && errno == EINTR) {
  }
  return (ends[0].revents & POLLIN) != 0;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t stop = StopSignals();
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  signals_ = signalfd(-1, &stop, SFD_CLOEXEC);
  failed_ = eventfd(0, EFD_CLOEXEC);
}

StopSignal::~StopSignal() {
  close(signals_);
  close(failed_);
}

void StopSignal::Fail(const absl::Status& why) {
  MutexLock lock(mu_);
  if (failure_.ok()) {
    failure_ = why;
    eventfd_write(failed_, 1);
  }
}

StopSignal::AtOnce::AtOnce(const StopSignal& stop)
    : over_(eventfd(0, EFD_CLOEXEC)), thread_([signals = stop.signals_, over = over_] {
        if (IsFirst(signals, over)) {  // left to be read by Wait otherwise
          log::Info("stopped before serving");
          std::_Exit(0);
        }
      }) {}

StopSignal::AtOnce::~AtOnce() {
  eventfd_write(over_, 1);
  thread_.join();
  close(over_);
}

absl::Status StopSignal::Wait() {
  signalfd_siginfo signal{};
  if (IsFirst(signals_, failed_) &&
      read(signals_, &signal, sizeof(signal)) == static_cast<ssize_t>(sizeof(signal))) {
    log::Info("draining", {{"signal", signal.ssi_signo}});
  }
  const sigset_t stop = StopSignals();
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  MutexLock lock(mu_);
  return failure_;
}

absl::Status ServeUntilStopped(Server& server, StopSignal& stop) {
  absl::Status why = stop.Wait();
  if (!why.ok()) {
    log::Error("draining", {{"reason", why.message()}});
  }
  server.Drain();
  log::Info("drained");
  return why;
}

}  // namespace lingula
