// How work on a device ended. Plain types, since they cross into libraries that are opened at run
// time; no exception does.
#pragma once

#include <cstdint>
#include <string>

namespace lingula {

enum class DeviceFault {
  kNone,
  kFailed,       // this work failed; other work may not
  kOutOfMemory,  // less work at a time may succeed
  kLost,         // nothing will succeed on this device until the process is started anew
};

struct DeviceResult {
  DeviceFault fault = DeviceFault::kNone;
  std::string what;  // for people; empty for kNone

  bool ok() const { return fault == DeviceFault::kNone; }
};

// Bytes of a device's memory; all 0: not known.
struct DeviceMemory {
  uint64_t total = 0;
  uint64_t free = 0;      // of no process
  uint64_t reserved = 0;  // by this process, for tensors
};

}  // namespace lingula
