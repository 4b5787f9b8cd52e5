#include "model/device/device_board.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace lingula {

void DeviceBoard::Add(const std::string& device, std::function<DeviceMemory()> memory) {
  MutexLock lock(mu_);
  devices_[device].memory = std::move(memory);
}

void DeviceBoard::CountOutOfMemory(const std::string& device) {
  MutexLock lock(mu_);
  ++devices_[device].out_of_memory;
}

void DeviceBoard::ReportLost(const std::string& device, const std::string& what) {
  std::function<void(const absl::Status&)> listener;
  absl::Status status;
  {
    MutexLock lock(mu_);
    devices_[device].is_lost = true;
    if (!health_.ok()) {
      return;
    }
    health_ = absl::UnavailableError(
        absl::StrCat("device ", device, " is lost until the process is started anew: ", what));
    status = health_;
    listener = listener_;
  }
  if (listener) {
    listener(status);
  }
}

void DeviceBoard::OnLost(std::function<void(const absl::Status&)> listener) {
  absl::Status status;
  {
    MutexLock lock(mu_);
    listener_ = listener;
    status = health_;
  }
  if (!status.ok() && listener) {
    listener(status);
  }
}

absl::Status DeviceBoard::health() const {
  MutexLock lock(mu_);
  return health_;
}

std::vector<DeviceFigures> DeviceBoard::figures() const {
  std::map<std::string, Entry> devices;
  bool lost = false;
  {
    MutexLock lock(mu_);
    devices = devices_;
    lost = !health_.ok();
  }
  std::vector<DeviceFigures> figures;
  for (const auto& [device, entry] : devices) {
    // A lost device is not asked: it might never answer.
    figures.push_back({device, entry.memory && !lost ? entry.memory() : DeviceMemory(),
                       entry.out_of_memory, entry.is_lost});
  }
  return figures;
}

}  // namespace lingula
