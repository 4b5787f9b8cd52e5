#include "model/bundle/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/bundle/safetensors_header.h"

namespace lingula {

struct SafeTensors::Mapping {
  std::string path;
  void* address = MAP_FAILED;
  size_t size = 0;
  SafeTensorsHeader header;

  ~Mapping() {
    if (address != MAP_FAILED) {
      munmap(address, size);
    }
  }
  // An empty file is not mapped.
  absl::string_view bytes() const {
    return size == 0 ? absl::string_view()
                     : absl::string_view(static_cast<const char*>(address), size);
  }

  absl::Status Map();
};

absl::Status SafeTensors::Mapping::Map() {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, "cannot open");
  }
  struct stat info {};
  const bool plain = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  size = plain ? static_cast<size_t>(info.st_size) : 0;
  if (size > 0) {
    address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  const int error = errno;
  close(fd);
  if (!plain) {
    return absl::InvalidArgumentError("not a plain file");
  }
  return size > 0 && address == MAP_FAILED ? absl::ErrnoToStatus(error, "cannot map")
                                           : absl::OkStatus();
}

absl::StatusOr<SafeTensors> SafeTensors::Open(const std::string& path) {
  auto mapping = std::make_unique<Mapping>();
  mapping->path = path;
  absl::Status status = mapping->Map();
  if (status.ok()) {
    absl::StatusOr<SafeTensorsHeader> header = ReadSafeTensorsHeader(mapping->bytes());
    status = header.status();
    mapping->header = std::move(header).value_or(SafeTensorsHeader());
  }
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  }
  return SafeTensors(std::move(mapping));
}

SafeTensors::SafeTensors(std::unique_ptr<Mapping> mapping) : mapping_(std::move(mapping)) {}
SafeTensors::SafeTensors(SafeTensors&&) noexcept = default;
SafeTensors& SafeTensors::operator=(SafeTensors&&) noexcept = default;
SafeTensors::~SafeTensors() = default;

const std::map<std::string, TensorView>& SafeTensors::tensors() const {
  return mapping_->header.tensors;
}
const std::map<std::string, std::string>& SafeTensors::metadata() const {
  return mapping_->header.metadata;
}
const std::string& SafeTensors::path() const {
  return mapping_->path;
}
absl::string_view SafeTensors::file() const {
  return mapping_->bytes();
}

absl::StatusOr<TensorView> SafeTensors::Get(const std::string& name) const {
  const auto found = mapping_->header.tensors.find(name);
  if (found == mapping_->header.tensors.end()) {
    return absl::NotFoundError(absl::StrCat(mapping_->path, ": no tensor \"", name, "\""));
  }
  return found->second;
}

}  // namespace lingula
