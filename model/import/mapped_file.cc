#include "model/import/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"

namespace lingula {

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, "cannot open");
  }
  struct stat info {};
  const bool plain = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  const size_t size = plain ? static_cast<size_t>(info.st_size) : 0;
  void* address = size > 0 ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : nullptr;
  const int error = errno;
  close(fd);
  if (!plain || size == 0) {
    return absl::InvalidArgumentError(plain ? "the file is empty" : "not a plain file");
  }
  if (address == MAP_FAILED) {
    return absl::ErrnoToStatus(error, "cannot map");
  }
  return std::unique_ptr<MappedFile>(new MappedFile({static_cast<const char*>(address), size}));
}

MappedFile::~MappedFile() {
  munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace lingula
