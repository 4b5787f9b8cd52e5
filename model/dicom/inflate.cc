#include "model/dicom/inflate.h"

#include <algorithm>
#include <array>

#include <zlib.h>

#include "model/base/status_macros.h"

namespace lingula {

Inflater::Inflater(absl::string_view deflated) : stream_(std::make_unique<z_stream_s>()) {
  // zlib never writes through next_in. Negative: without zlib's own header.
  stream_->next_in =
      reinterpret_cast<unsigned char*>(const_cast<char*>(deflated.data()));  // NOLINT
  stream_->avail_in = static_cast<unsigned>(std::min<size_t>(deflated.size(), UINT32_MAX));
  good_ = inflateInit2(stream_.get(), -MAX_WBITS) == Z_OK;
}

Inflater::~Inflater() {
  inflateEnd(stream_.get());
}

absl::Status Inflater::Fill(char* out, size_t bytes, size_t& filled) {
  filled = 0;
  while (good_ && !ended_ && filled < bytes) {
    const size_t room = std::min<size_t>(bytes - filled, 1 << 30);
    stream_->next_out = reinterpret_cast<unsigned char*>(out + filled);
    stream_->avail_out = static_cast<unsigned>(room);
    const int result = inflate(stream_.get(), Z_SYNC_FLUSH);
    filled += room - stream_->avail_out;
    ended_ = result == Z_STREAM_END;
    good_ = ended_ || (result == Z_OK && (stream_->avail_out == 0 || stream_->avail_in > 0));
  }
  return good_ ? absl::OkStatus()
               : absl::InvalidArgumentError(
                     "image: the deflated DICOM data set is damaged or cut off");
}

absl::Status Inflater::Append(size_t bytes, std::string& out) {
  const size_t before = out.size();
  out.resize(before + bytes);
  size_t filled = 0;
  const absl::Status status = Fill(out.data() + before, bytes, filled);
  out.resize(before + filled);
  return status;
}

absl::Status Inflater::Skip(size_t bytes) {
  std::array<char, 1 << 16> scratch;
  while (bytes > 0 && !ended_) {
    size_t filled = 0;
    LINGULA_RETURN_IF_ERROR(Fill(scratch.data(), std::min(bytes, scratch.size()), filled));
    bytes -= filled;
  }
  return absl::OkStatus();
}

}  // namespace lingula
