#include <dlfcn.h>

#include "absl/strings/str_cat.h"
#include "model/backend/load_device_engine.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

constexpr char kTorchLibrary[] = "libtorch_cuda.so";
constexpr char kOurLibrary[] = "liblingula-cuda.so";
constexpr char kRemedy[] =
    "run `./dev setup gpu` on a machine with a GPU, or configure the device cpu";

absl::Status Missing(const std::vector<DeviceShare>& devices, const std::string& what) {
  return absl::FailedPreconditionError(
      absl::StrCat(CudaName(devices.front().index), " is configured, but ", what, ": ", kRemedy));
}

// In what dlerror() says the name of the library comes first, then why.
std::string CannotBeOpened(const char* library) {
  const char* const why = dlerror();
  return absl::StrCat(library, " cannot be opened (", why == nullptr ? "no reason given" : why,
                      ")");
}

// Both are found by the program's run path. Never closed: the backend that the first one registers
// cannot be taken out again.
absl::StatusOr<const DeviceModule*> OpenLibraries(const std::vector<DeviceShare>& devices) {
  // Global: the second library takes its symbols from what the first one brings.
  if (dlopen(kTorchLibrary, RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return Missing(devices, CannotBeOpened(kTorchLibrary));
  }
  void* const library = dlopen(kOurLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Missing(devices, CannotBeOpened(kOurLibrary));
  }
  const auto get = reinterpret_cast<GetDeviceModule>(dlsym(library, kGetDeviceModule));
  const DeviceModule* const module = get == nullptr ? nullptr : get(kDeviceModuleVersion);
  if (module == nullptr) {
    return Missing(devices, absl::StrCat(kOurLibrary, " is of another build than this program"));
  }
  return module;
}

}  // namespace

absl::StatusOr<const DeviceModule*> OpenCuda(const std::vector<DeviceShare>& devices) {
  LINGULA_ASSIGN_OR_RETURN(const DeviceModule* const module, OpenLibraries(devices));
  std::string why;
  const int count = module->Count(why);
  if (count == 0) {
    return Missing(devices, absl::StrCat("no GPU can be used (", why, ")"));
  }
  for (const DeviceShare& device : devices) {
    if (device.index >= count) {
      return absl::FailedPreconditionError(
          absl::StrCat(CudaName(device.index), " is configured, but this machine has ", count,
                       " GPU(s): ", CudaName(0), count > 1 ? " to " : "",
                       count > 1 ? CudaName(count - 1) : "", "; correct `devices`"));
    }
  }
  return module;
}

}  // namespace lingula
