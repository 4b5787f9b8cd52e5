#include <memory>
#include <string>

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/frame_codecs.h"

namespace lingula {
namespace {

enum class JpegColour { kUnsaid, kRgb, kYcc };

// What a JPEG or JPEG-LS stream says of itself (ITU-T T.81 B.2.2, T.87 C.2.2).
struct JpegHeader {
  int precision = 0;
  int width = 0, height = 0, components = 0;
  JpegColour colour = JpegColour::kUnsaid;
};

absl::Status Damaged() {
  return absl::InvalidArgumentError("image: the DICOM file's JPEG pixels are damaged or cut off");
}

int At(absl::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// `segment` begins at its length.
void TakeColour(int marker, absl::string_view segment, JpegHeader& header) {
  if (marker == 0xe0 && absl::StartsWith(segment.substr(2), "JFIF")) {
    header.colour = JpegColour::kYcc;
  } else if (marker == 0xee && segment.size() >= 14 &&
             absl::StartsWith(segment.substr(2), "Adobe")) {
    header.colour = At(segment, 13) == 0 ? JpegColour::kRgb : JpegColour::kYcc;
  }
}

bool IsFrameHeader(int marker, PixelCodec codec) {
  return codec == PixelCodec::kJpegLs ? marker == 0xf7
                                      : marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
                                            marker != 0xc8 && marker != 0xcc;
}

// What may stand before a frame header: markers with a length. DCMTK looks for the header in the
// same way, but for ever at a marker that has none (0x01).
bool HasLength(int marker) {
  return marker >= 0xc0 && !(marker >= 0xd0 && marker <= 0xda);
}

absl::Status TakeFrame(absl::string_view segment, JpegHeader& header) {
  if (segment.size() < 8) {
    return Damaged();
  }
  header.precision = At(segment, 2);
  header.height = ReadUint16(segment.substr(3), true);
  header.width = ReadUint16(segment.substr(5), true);
  header.components = At(segment, 7);
  if (header.components == 3 && segment.size() >= 17 && At(segment, 8) == 'R' &&
      At(segment, 11) == 'G' && At(segment, 14) == 'B') {
    header.colour = JpegColour::kRgb;
  }
  return absl::OkStatus();
}

// Walks over the segments up to the frame header.
absl::StatusOr<JpegHeader> ReadJpegHeader(absl::string_view bytes, PixelCodec codec) {
  if (!absl::StartsWith(bytes, "\xff\xd8")) {
    return Damaged();
  }
  JpegHeader header;
  size_t at = 2;
  while (bytes.size() >= at + 4 && At(bytes, at) == 0xff) {
    const int marker = At(bytes, at + 1);
    if (marker == 0xff) {
      ++at;  // fill bytes
      continue;
    }
    const size_t length = ReadUint16(bytes.substr(at + 2), true);
    if (!HasLength(marker) || length < 2 || length > bytes.size() - at - 2) {
      break;
    }
    const absl::string_view segment = bytes.substr(at + 2, length);
    if (IsFrameHeader(marker, codec)) {
      LINGULA_RETURN_IF_ERROR(TakeFrame(segment, header));
      return header;
    }
    TakeColour(marker, segment, header);
    at += 2 + length;
  }
  return Damaged();
}

bool IsYbr(Photometric photometric) {
  return photometric == Photometric::kYbrFull || photometric == Photometric::kYbrFull422 ||
         photometric == Photometric::kYbrPartial422;
}

// Lossy streams say themselves whether they hold brightness and colour differences; attributes say
// so wrongly often enough. Sharing of differences is undone by the decoder.
Photometric ColourOf(const JpegHeader& header, const PixelLayout& layout, bool lossy) {
  if (layout.samples == 1) {
    return layout.photometric;
  }
  if (lossy && header.colour != JpegColour::kUnsaid) {
    return header.colour == JpegColour::kRgb ? Photometric::kRgb : Photometric::kYbrFull;
  }
  return IsYbr(layout.photometric) ? Photometric::kYbrFull : layout.photometric;
}

// A data set that holds nothing but one compressed frame, as DCMTK's decoders want it.
absl::Status Wrap(absl::string_view bytes, const PixelLayout& layout, const JpegHeader& header,
                  const TransferSyntax& syntax, DcmDataset& dataset) {
  const auto put = [&](const DcmTagKey& tag, int value) {
    return dataset.putAndInsertUint16(tag, static_cast<Uint16>(value)).good();
  };
  const int allocated = header.precision > 8 ? 16 : 8;
  auto sequence = std::make_unique<DcmPixelSequence>(DcmTag(DCM_PixelData, EVR_OB));
  auto table = std::make_unique<DcmPixelItem>(DcmTag(DCM_Item, EVR_OB));
  auto fragment = std::make_unique<DcmPixelItem>(DcmTag(DCM_Item, EVR_OB));
  const bool filled = put(DCM_Rows, layout.rows) && put(DCM_Columns, layout.columns) &&
                      put(DCM_SamplesPerPixel, layout.samples) && put(DCM_PlanarConfiguration, 0) &&
                      put(DCM_BitsAllocated, allocated) && put(DCM_BitsStored, header.precision) &&
                      put(DCM_HighBit, header.precision - 1) &&
                      put(DCM_PixelRepresentation, layout.is_signed ? 1 : 0) &&
                      dataset
                          .putAndInsertString(DCM_PhotometricInterpretation,
                                              layout.samples == 1 ? "MONOCHROME2" : "RGB")
                          .good() &&
                      fragment
                          ->putUint8Array(reinterpret_cast<const Uint8*>(bytes.data()),
                                          static_cast<unsigned long>(bytes.size()))
                          .good() &&
                      sequence->insert(table.release()).good() &&
                      sequence->insert(fragment.release()).good();
  if (!filled) {
    return absl::InternalError("a compressed DICOM frame cannot be handed to its decoder");
  }
  auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
  pixels->putOriginalRepresentation(DcmXfer(syntax.uid).getXfer(), nullptr, sequence.release());
  return dataset.insert(pixels.release()).good()
             ? absl::OkStatus()
             : absl::InternalError("a compressed DICOM frame cannot be handed to its decoder");
}

absl::Status Decode(DcmDataset& dataset, size_t sample_bytes, cv::Mat& samples) {
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr) {
    return absl::InternalError("a compressed DICOM frame cannot be handed to its decoder");
  }
  // DCMTK wants an even number of bytes.
  const size_t bytes = samples.total() * samples.channels() * sample_bytes;
  std::string buffer(bytes + bytes % 2, '\0');
  Uint32 fragment = 1;
  OFString colours;
  if (static_cast<DcmPixelData*>(element)
          ->getUncompressedFrame(&dataset, 0, fragment, buffer.data(),
                                 static_cast<Uint32>(buffer.size()), colours)
          .bad()) {
    return Damaged();
  }
  std::copy_n(buffer.data(), bytes, reinterpret_cast<char*>(samples.data));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoredFrame> DecodeJpegFamily(absl::string_view bytes, const PixelLayout& layout,
                                             const TransferSyntax& syntax) {
  LINGULA_ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(bytes, syntax.codec));
  LINGULA_RETURN_IF_ERROR(CheckCodecSize(layout, header.width, header.height, header.components));
  if (header.precision < 2 || header.precision > 16) {
    return Damaged();
  }
  StoredFrame frame;
  frame.samples.create(layout.rows, layout.columns,
                       CV_MAKETYPE(header.precision > 8 ? CV_16U : CV_8U, layout.samples));
  frame.bits_stored = std::min(layout.bits_stored, header.precision);
  frame.high_bit = std::min(layout.high_bit, header.precision - 1);
  frame.photometric = ColourOf(header, layout, syntax.lossy && syntax.codec == PixelCodec::kJpeg);
  DcmDataset dataset;
  LINGULA_RETURN_IF_ERROR(Wrap(bytes, layout, header, syntax, dataset));
  LINGULA_RETURN_IF_ERROR(Decode(dataset, header.precision > 8 ? 2 : 1, frame.samples));
  return frame;
}

}  // namespace lingula
