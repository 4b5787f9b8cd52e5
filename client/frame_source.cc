#include "client/frame_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <istream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/client.h"
#include "client/input_files.h"
#include "client/jpeg_splitter.h"
#include "client/video_file.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

constexpr size_t kChunkBytes = 64 << 10;

v1::Image Encoded(std::string file) {
  v1::Image image;
  image.set_encoded(std::move(file));
  return image;
}

class FolderSource final : public FrameSource {
 public:
  explicit FolderSource(std::vector<InputFile> files) : files_(std::move(files)) {}

  absl::StatusOr<std::optional<v1::Image>> Next() override {
    if (next_ == files_.size()) {
      return std::nullopt;
    }
    LINGULA_ASSIGN_OR_RETURN(std::string file, ReadFile(files_[next_++].path, kMaxMessageBytes));
    return Encoded(std::move(file));
  }

 private:
  const std::vector<InputFile> files_;
  size_t next_ = 0;
};

class JpegSource final : public FrameSource {
 public:
  JpegSource(std::istream& in, std::function<bool()> wait)
      : name_("standard input"), in_(in), wait_(std::move(wait)) {}
  JpegSource(std::string path, std::ifstream file)
      : name_(std::move(path)), file_(std::move(file)), in_(file_) {}

  absl::StatusOr<std::optional<v1::Image>> Next() override {
    for (;;) {
      LINGULA_ASSIGN_OR_RETURN(std::optional<std::string> picture, splitter_.Next());
      if (picture.has_value()) {
        found_ = true;
        return Encoded(*std::move(picture));
      }
      if (!ReadSome()) {
        break;
      }
    }
    if (splitter_.HasPart()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name_, ": the last JPEG picture is not whole"));
    }
    if (!found_) {
      return absl::InvalidArgumentError(absl::StrCat(name_, ": no JPEG pictures in it"));
    }
    return std::nullopt;
  }

 private:
  // What is there already, or waits for the first byte: a camera's picture must not wait for the
  // next one to fill a chunk.
  bool ReadSome() {
    if (wait_ != nullptr && in_.rdbuf()->in_avail() <= 0 && !wait_()) {
      return false;
    }
    if (in_.peek() == std::istream::traits_type::eof()) {
      return false;
    }
    chunk_.resize(kChunkBytes);
    std::streamsize got = in_.readsome(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
    if (got <= 0) {  // a stream that does not know what it has
      chunk_[0] = static_cast<char>(in_.get());
      got = 1;
    }
    splitter_.Add(absl::string_view(chunk_.data(), static_cast<size_t>(got)));
    return true;
  }

  const std::string name_;
  std::ifstream file_;
  std::istream& in_;
  const std::function<bool()> wait_;  // none: there is nothing to wait for
  bool found_ = false;
  JpegSplitter splitter_{static_cast<size_t>(kMaxMessageBytes)};
  std::string chunk_;
};

absl::StatusOr<std::unique_ptr<FrameSource>> OpenFolder(const std::string& path) {
  std::vector<InputFile> files = ExpandInputs({path}, /*recursive=*/false).files;
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const InputFile& file) { return !HasImageEnding(file.path); }),
              files.end());
  if (files.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": no PNG or JPEG files in this folder"));
  }
  return std::make_unique<FolderSource>(std::move(files));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FrameSource>> OpenSource(const std::string& path, std::istream& in,
                                                        std::function<bool()> wait) {
  if (path == "-") {
    return std::make_unique<JpegSource>(in, std::move(wait));
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return OpenFolder(path);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot open this file"));
  }
  if (absl::EndsWithIgnoreCase(path, ".mjpeg") || absl::EndsWithIgnoreCase(path, ".mjpg")) {
    return std::make_unique<JpegSource>(path, std::move(file));
  }
  return OpenVideo(path);
}

}  // namespace lingula::cli
