#include "model/import/torch_archive.h"

#include <zip.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/base/status_macros.h"
#include "model/import/pickle.h"

namespace lingula {
namespace {

constexpr absl::string_view kProgram = "/data.pkl";

std::string Reason(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return reason;
}

absl::Status CheckEntry(const zip_stat_t& entry, int64_t file_bytes) {
  const auto error = [&entry](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("entry \"", Quoted(entry.name), "\" ", what));
  };
  if (entry.comp_method != ZIP_CM_STORE || entry.encryption_method != ZIP_EM_NONE) {
    return error("is compressed or encrypted; torch.save stores entries as they are");
  }
  if (entry.size != entry.comp_size || entry.size > static_cast<uint64_t>(file_bytes)) {
    return error(absl::StrCat("claims ", entry.size, " bytes in a file of ", file_bytes));
  }
  return absl::OkStatus();
}

}  // namespace

bool TorchArchive::IsZip(absl::string_view bytes) {
  return absl::StartsWith(bytes, "PK\x03\x04");
}

absl::StatusOr<std::unique_ptr<TorchArchive>> TorchArchive::Open(const std::string& path,
                                                                 int64_t file_bytes) {
  int code = 0;
  zip_t* opened = zip_open(path.c_str(), ZIP_RDONLY, &code);
  if (opened == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "starts as a zip archive, but its list of entries, which belongs at the end (byte ",
        file_bytes, "), cannot be read (", Reason(code), "): the file is truncated or damaged"));
  }
  std::unique_ptr<TorchArchive> archive(new TorchArchive(opened));
  LINGULA_RETURN_IF_ERROR(archive->List(file_bytes));
  LINGULA_RETURN_IF_ERROR(archive->CheckByteOrder());
  return archive;
}

TorchArchive::~TorchArchive() {
  zip_discard(archive_);
}

absl::Status TorchArchive::List(int64_t file_bytes) {
  std::map<std::string, Entry> all;
  std::string folder;
  const zip_int64_t count = zip_get_num_entries(archive_, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t entry;
    constexpr zip_uint64_t kNeeded =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(archive_, i, ZIP_FL_ENC_RAW, &entry) != 0 ||
        (entry.valid & kNeeded) != kNeeded) {
      return absl::InvalidArgumentError(absl::StrCat("entry ", i, " of the archive is damaged"));
    }
    LINGULA_RETURN_IF_ERROR(CheckEntry(entry, file_bytes));
    const absl::string_view name = entry.name;
    if (!all.try_emplace(std::string(name), Entry{entry.index, static_cast<int64_t>(entry.size)})
             .second) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry \"", Quoted(name), "\" is there twice"));
    }
    if (absl::EndsWith(name, kProgram) && name.find('/') == name.size() - kProgram.size() &&
        folder.empty()) {
      folder = std::string(name.substr(0, name.size() - kProgram.size() + 1));
    }
  }
  if (folder.empty() || all.count(folder + "constants.pkl") != 0) {
    return absl::InvalidArgumentError(
        folder.empty() ? "a zip archive without FOLDER/data.pkl: not written by torch.save"
                       : "a TorchScript archive: save the state dict with torch.save instead");
  }
  for (auto& [name, entry] : all) {
    if (absl::StartsWith(name, folder)) {
      entries_.emplace(name.substr(folder.size()), entry);
    }
  }
  return absl::OkStatus();
}

absl::Status TorchArchive::CheckByteOrder() const {
  const auto found = entries_.find("byteorder");
  if (found == entries_.end()) {  // before PyTorch 2.1
    return absl::OkStatus();
  }
  LINGULA_ASSIGN_OR_RETURN(const std::string order, Read("byteorder", 0, found->second.bytes));
  return order == "little" ? absl::OkStatus()
                           : absl::InvalidArgumentError(absl::StrCat(
                                 "byte order \"", Quoted(order), "\"; only \"little\" is read"));
}

absl::StatusOr<TorchArchive::Entry> TorchArchive::Find(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the archive has no entry \"", Quoted(name), "\""));
  }
  return found->second;
}

absl::StatusOr<int64_t> TorchArchive::Bytes(const std::string& name) const {
  LINGULA_ASSIGN_OR_RETURN(const Entry entry, Find(name));
  return entry.bytes;
}

absl::StatusOr<std::string> TorchArchive::Read(const std::string& name, int64_t begin,
                                               int64_t end) const {
  LINGULA_ASSIGN_OR_RETURN(const Entry entry, Find(name));
  const auto error = [&name](const std::string& what) {
    return absl::InvalidArgumentError(absl::StrCat("entry \"", Quoted(name), "\": ", what));
  };
  if (begin < 0 || begin > end || end > entry.bytes) {
    return error(absl::StrCat("bytes ", begin, " to ", end, " of ", entry.bytes));
  }
  const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
      zip_fopen_index(archive_, entry.index, 0), &zip_fclose);
  if (file == nullptr) {
    return error(zip_strerror(archive_));
  }
  if (begin > 0 && zip_fseek(file.get(), begin, SEEK_SET) != 0) {
    return error(zip_file_strerror(file.get()));
  }
  std::string bytes(static_cast<size_t>(end - begin), '\0');
  size_t done = 0;
  zip_int64_t got = 1;
  while (done < bytes.size() && got > 0) {
    got = zip_fread(file.get(), &bytes[done], bytes.size() - done);
    done += got > 0 ? static_cast<size_t>(got) : 0;
  }
  char past_end = 0;  // the library compares the checksum when it meets the end
  if (got > 0 && begin == 0 && end == entry.bytes && zip_fread(file.get(), &past_end, 1) < 0) {
    got = -1;
  }
  if (got < 0) {
    return error(zip_file_strerror(file.get()));
  }
  return done == bytes.size() ? absl::StatusOr<std::string>(std::move(bytes))
                              : error("ends early: the file is truncated");
}

}  // namespace lingula
