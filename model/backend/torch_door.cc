#include "model/backend/torch_door.h"

#include <new>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

// cuDNN, cuBLAS, oneDNN and the allocator of the CPU say so in words only.
bool SoundsLikeMemory(const std::string& what) {
  for (const char* words :
       {"ALLOC_FAILED", "out of memory", "allocate memory", "not enough memory"}) {
    if (absl::StrContains(what, words)) {
      return true;
    }
  }
  return false;
}

DeviceResult FaultOf(const std::string& what) {
  const std::string first = what.substr(0, what.find('\n'));  // below it come frames of the stack
  return {SoundsLikeMemory(first) ? DeviceFault::kOutOfMemory : DeviceFault::kFailed, first};
}

}  // namespace

DeviceResult CaughtFromTorch() {
  try {
    throw;
  } catch (const c10::OutOfMemoryError& error) {
    return {DeviceFault::kOutOfMemory, error.what_without_backtrace()};
  } catch (const c10::Error& error) {
    return FaultOf(error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return {DeviceFault::kOutOfMemory, "no memory left"};
  } catch (const std::exception& error) {
    return FaultOf(error.what());
  }
}

absl::Status StatusOf(const DeviceResult& result) {
  return result.fault == DeviceFault::kOutOfMemory
             ? absl::UnavailableError("this server has no memory left: send to another one")
             : absl::InternalError(absl::StrCat("the network failed: ", result.what));
}

}  // namespace lingula
