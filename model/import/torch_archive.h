// The zip archive that torch.save writes: FOLDER/data.pkl, and FOLDER/data/KEY for each storage.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct zip;

namespace lingula {

// Entries are read when asked for, one thread at a time. They must be stored as they are, as
// torch.save does: a compressed one is refused, so that nothing can grow while it is read.
class TorchArchive {
 public:
  // Whether `bytes` start like a zip archive.
  static bool IsZip(absl::string_view bytes);
  // INVALID_ARGUMENT for an archive that is truncated, damaged, compressed, encrypted, big-endian,
  // or not one of torch.save's.
  static absl::StatusOr<std::unique_ptr<TorchArchive>> Open(const std::string& path,
                                                            int64_t file_bytes);
  TorchArchive(const TorchArchive&) = delete;
  TorchArchive& operator=(const TorchArchive&) = delete;
  ~TorchArchive();

  // `name` is below the folder: "data.pkl". INVALID_ARGUMENT for one that is not there.
  absl::StatusOr<int64_t> Bytes(const std::string& name) const;
  // Bytes [begin, end) of an entry. Whole entries are checked against their checksum.
  absl::StatusOr<std::string> Read(const std::string& name, int64_t begin, int64_t end) const;

 private:
  struct Entry {
    uint64_t index = 0;
    int64_t bytes = 0;
  };
  explicit TorchArchive(zip* archive) : archive_(archive) {}
  absl::Status List(int64_t file_bytes);
  absl::Status CheckByteOrder() const;
  absl::StatusOr<Entry> Find(const std::string& name) const;

  zip* archive_;
  std::map<std::string, Entry> entries_;
};

}  // namespace lingula
