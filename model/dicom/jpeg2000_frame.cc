#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include <openjpeg.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/frame_codecs.h"

namespace lingula {
namespace {

// What a codestream may ask for besides its pixels: OpenJPEG sets memory aside for each tile and
// each precinct that it announces.
constexpr int64_t kMaxTiles = 4096;
constexpr int kMinPrecinctLog2 = 4;

absl::Status Damaged() {
  return absl::InvalidArgumentError(
      "image: the DICOM file's JPEG 2000 pixels are damaged or cut off");
}

absl::Status TooFine() {
  return absl::OutOfRangeError(
      absl::StrCat("image: the DICOM file's JPEG 2000 pixels are cut into more than ", kMaxTiles,
                   " tiles, or into precincts of less than ", 1 << kMinPrecinctLog2, " pixels"));
}

// A walk over the marker segments of the main header and of each tile part.
class Codestream {
 public:
  explicit Codestream(const PixelLayout& layout) : layout_(layout) {}

  absl::Status Check(absl::string_view stream);

 private:
  absl::Status TakeSegment(uint16_t marker, absl::string_view segment, size_t at);
  absl::Status TakeSize(absl::string_view segment);

  const PixelLayout& layout_;
  std::vector<bool> tiles_;  // that have data
  size_t next_part_ = 0;
};

// SIZ (ITU-T T.800 A.5.1), from its length on.
absl::Status Codestream::TakeSize(absl::string_view segment) {
  if (segment.size() < 38 || !tiles_.empty()) {
    return Damaged();
  }
  const auto at = [&](size_t offset) -> int64_t {
    return ReadUint32(segment.substr(offset), true);
  };
  LINGULA_RETURN_IF_ERROR(CheckCodecSize(layout_, at(4) - at(12), at(8) - at(16),
                                         ReadUint16(segment.substr(36), true)));
  const int64_t width = at(20);
  const int64_t height = at(24);
  if (width < 1 || height < 1 || at(28) > at(12) || at(32) > at(16)) {
    return Damaged();
  }
  const int64_t across = (at(4) - at(28) + width - 1) / width;
  const int64_t down = (at(8) - at(32) + height - 1) / height;
  if (across > kMaxTiles || down > kMaxTiles || across * down > kMaxTiles) {
    return TooFine();
  }
  tiles_.assign(static_cast<size_t>(across * down), false);
  return absl::OkStatus();
}

// COD and COC (A.6.1, A.6.2): precincts of their own come last, a byte a resolution.
absl::Status CheckPrecincts(bool component, absl::string_view segment) {
  const size_t style = component ? 3 : 2;
  const size_t sizes = component ? 9 : 12;
  if (segment.size() < sizes) {
    return Damaged();
  }
  if ((static_cast<uint8_t>(segment[style]) & 1) == 0) {
    return absl::OkStatus();
  }
  for (const char byte : segment.substr(sizes)) {
    const auto size = static_cast<uint8_t>(byte);
    if ((size & 15) < kMinPrecinctLog2 || size >> 4 < kMinPrecinctLog2) {
      return TooFine();
    }
  }
  return absl::OkStatus();
}

absl::Status Codestream::TakeSegment(uint16_t marker, absl::string_view segment, size_t at) {
  switch (marker) {
    case 0xff51:
      return TakeSize(segment);
    case 0xff52:
    case 0xff53:
      return CheckPrecincts(marker == 0xff53, segment);
    case 0xff90: {  // start of a tile part (A.4.2)
      const size_t tile = segment.size() < 10 ? tiles_.size() : ReadUint16(segment.substr(2), true);
      if (tile >= tiles_.size()) {
        return Damaged();
      }
      tiles_[tile] = true;
      const uint32_t bytes = ReadUint32(segment.substr(4), true);
      next_part_ = bytes == 0 ? 0 : at + bytes;
      return absl::OkStatus();
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status Codestream::Check(absl::string_view stream) {
  for (size_t at = 2; stream.size() - at >= 4;) {
    const uint16_t marker = ReadUint16(stream.substr(at), true);
    if (marker == 0xff93) {  // start of data, up to the next tile part
      if (next_part_ <= at || next_part_ > stream.size()) {
        break;  // the last tile part, which may say no length
      }
      at = next_part_;
      continue;
    }
    const size_t length = ReadUint16(stream.substr(at + 2), true);
    if (marker < 0xff00 || length < 2 || length > stream.size() - at - 2) {
      break;
    }
    LINGULA_RETURN_IF_ERROR(TakeSegment(marker, stream.substr(at + 2, length), at));
    at += 2 + length;
  }
  // OpenJPEG shows tiles without data as black.
  const bool whole =
      !tiles_.empty() && std::find(tiles_.begin(), tiles_.end(), false) == tiles_.end();
  return whole ? absl::OkStatus() : Damaged();
}

struct Source {
  absl::string_view bytes;
  size_t at = 0;
};

OPJ_SIZE_T Read(void* buffer, OPJ_SIZE_T bytes, void* data) {
  auto& source = *static_cast<Source*>(data);
  const size_t left = source.bytes.size() - source.at;
  if (left == 0) {
    return static_cast<OPJ_SIZE_T>(-1);
  }
  const size_t taken = std::min<size_t>(bytes, left);
  std::memcpy(buffer, source.bytes.data() + source.at, taken);
  source.at += taken;
  return taken;
}

OPJ_OFF_T Skip(OPJ_OFF_T bytes, void* data) {
  auto& source = *static_cast<Source*>(data);
  if (bytes < 0 || static_cast<size_t>(bytes) > source.bytes.size() - source.at) {
    return -1;
  }
  source.at += bytes;
  return bytes;
}

OPJ_BOOL Seek(OPJ_OFF_T to, void* data) {
  auto& source = *static_cast<Source*>(data);
  if (to < 0 || static_cast<size_t>(to) > source.bytes.size()) {
    return OPJ_FALSE;
  }
  source.at = to;
  return OPJ_TRUE;
}

// Streams and codecs are both void* to OpenJPEG.
struct ReleaseStream {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
struct ReleaseCodec {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct ReleaseImage {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};
using Image = std::unique_ptr<opj_image_t, ReleaseImage>;

absl::StatusOr<Image> Decode(absl::string_view bytes, bool boxed) {
  Source source{bytes};
  const std::unique_ptr<opj_stream_t, ReleaseStream> stream(opj_stream_default_create(OPJ_TRUE));
  const std::unique_ptr<opj_codec_t, ReleaseCodec> codec(
      opj_create_decompress(boxed ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
  if (stream == nullptr || codec == nullptr) {
    return absl::ResourceExhaustedError("image: no memory to decode JPEG 2000");
  }
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_stream_set_read_function(stream.get(), Read);
  opj_stream_set_skip_function(stream.get(), Skip);
  opj_stream_set_seek_function(stream.get(), Seek);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (boxed) {
    parameters.flags |= OPJ_DPARAMETERS_IGNORE_PCLR_CMAP_CDEF_FLAG;  // DICOM has the say on colours
  }
  opj_image_t* raw = nullptr;
  const bool begun = opj_setup_decoder(codec.get(), &parameters) != 0 &&
                     opj_read_header(stream.get(), codec.get(), &raw) != 0;
  Image image(raw);
  if (!begun || opj_decode(codec.get(), stream.get(), raw) == 0) {
    return Damaged();
  }
  return image;
}

template <typename T>
void Interleave(const opj_image_t& image, cv::Mat& samples) {
  const int channels = samples.channels();
  for (int c = 0; c < channels; ++c) {
    const OPJ_INT32* from = image.comps[c].data;
    T* out = samples.ptr<T>() + c;
    for (size_t i = 0; i < samples.total(); ++i) {
      out[i * channels] = static_cast<T>(from[i]);
    }
  }
}

}  // namespace

absl::StatusOr<StoredFrame> DecodeJpeg2000(absl::string_view bytes, const PixelLayout& layout) {
  const bool boxed = !absl::StartsWith(bytes, "\xff\x4f\xff\x51");
  const size_t start = bytes.find("\xff\x4f\xff\x51");
  if (start == absl::string_view::npos) {
    return Damaged();
  }
  LINGULA_RETURN_IF_ERROR(Codestream(layout).Check(bytes.substr(start)));
  LINGULA_ASSIGN_OR_RETURN(const Image image, Decode(bytes, boxed));
  if (static_cast<int>(image->numcomps) < layout.samples) {
    return Damaged();
  }
  int precision = 0;
  for (int c = 0; c < layout.samples; ++c) {
    const opj_image_comp_t& component = image->comps[c];
    LINGULA_RETURN_IF_ERROR(CheckCodecSize(layout, component.w, component.h, layout.samples));
    precision = std::max(precision, static_cast<int>(component.prec));
    if (component.data == nullptr || component.prec > 16) {
      return Damaged();
    }
  }
  StoredFrame frame;
  frame.samples.create(layout.rows, layout.columns,
                       CV_MAKETYPE(precision > 8 ? CV_16U : CV_8U, layout.samples));
  frame.bits_stored = std::min(layout.bits_stored, precision);
  frame.high_bit = std::min(layout.high_bit, precision - 1);
  frame.photometric = layout.photometric == Photometric::kYbrFull422 ||
                              layout.photometric == Photometric::kYbrPartial422
                          ? Photometric::kYbrFull
                          : layout.photometric;
  precision > 8 ? Interleave<uint16_t>(*image, frame.samples)
                : Interleave<uint8_t>(*image, frame.samples);
  return frame;
}

}  // namespace lingula
