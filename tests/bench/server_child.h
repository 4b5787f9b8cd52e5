// A real lingula-server as a process of its own, so that it shares no threads with its callers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/clock.h"
#include "server/config/cpu_share.h"
#include "tests/bench/child.h"
#include "tests/bench/target.h"
#include "tests/bench/usage.h"

namespace lingula::bench {

// What to start, and how.
struct ServerSetup {
  // Each is <repository>/<name>/<version>, all of one repository. The first of a modality answers
  // requests that name no model.
  std::vector<std::string> bundles;
  std::string cpu;         // `cpu` of the configuration, text format; empty: its defaults
  int max_batch_size = 0;  // 0: the default
  // Words before the program's own, such as "/usr/bin/taskset", "-c", "0".
  std::vector<std::string> launcher;
};

class ServerChild {
 public:
  using Stub = lingula::v1::Segmentation::Stub;

  // Runs the lingula-server beside this program on free ports with one bundle and otherwise the
  // defaults of its configuration, and waits until it is ready. `bundle` is
  // <repository>/<name>/<version>.
  static absl::StatusOr<std::unique_ptr<ServerChild>> Start(const std::string& bundle,
                                                            const std::string& cpu);
  static absl::StatusOr<std::unique_ptr<ServerChild>> Start(const ServerSetup& setup);

  // How it shares the cores of this machine.
  const CpuShare& share() const { return share_; }
  // From exec to the line that says ready.
  double ready_seconds() const { return ready_seconds_; }
  Instant started() const { return started_; }
  Stub& stub() { return *stub_; }
  const Target& target() const { return target_; }
  absl::StatusOr<Memory> memory() const { return MemoryOf(child_->pid()); }
  absl::Status Stop() { return child_->Stop(); }

 private:
  ServerChild() = default;

  Instant started_;
  double ready_seconds_ = 0;
  Target target_;
  CpuShare share_;
  std::unique_ptr<Child> child_;
  std::unique_ptr<Stub> stub_;
};

// A channel to a port of this machine, never through a proxy.
std::shared_ptr<grpc::Channel> ConnectTo(int port);  // shared_ptr: gRPC's own type

}  // namespace lingula::bench
