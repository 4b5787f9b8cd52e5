#include "tests/support/fake_dicom.h"

#include <vector>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmimage/diregist.h>  // colours, for the encoders
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpeg/djrploss.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <gtest/gtest.h>
#include <openjpeg.h>
#include <opencv2/core.hpp>

#include "model/dicom/dcmtk_door.h"

namespace lingula::test {
namespace {

void RegisterEncoders() {
  static const bool once = [] {
    EXPECT_TRUE(PrepareDcmtk().ok());
    DJEncoderRegistration::registerCodecs();
    // Raw: the other way of DCMTK 3.6.7 writes behind its buffer where a small picture grows.
    DJLSEncoderRegistration::registerCodecs(0, 0, 0, 0, OFFalse);
    DcmRLEEncoderRegistration::registerCodecs();
    return true;
  }();
  static_cast<void>(once);
}

// The encoder's settings for one encoding; null where it needs none.
const DcmRepresentationParameter* ParameterFor(E_TransferSyntax syntax) {
  static const DJ_RPLossless lossless;
  static const DJ_RPLossy lossy(100);
  static const DJLSRepresentationParameter ls_lossless(0, OFTrue);
  static const DJLSRepresentationParameter ls_near(2, OFFalse);
  switch (syntax) {
    case EXS_JPEGProcess14:
    case EXS_JPEGProcess14SV1:
      return &lossless;
    case EXS_JPEGProcess1:
    case EXS_JPEGProcess2_4:
      return &lossy;
    case EXS_JPEGLSLossless:
      return &ls_lossless;
    case EXS_JPEGLSLossy:
      return &ls_near;
    default:
      return nullptr;
  }
}

}  // namespace

FakeDicom::FakeDicom(const cv::Mat& samples) {
  RegisterEncoders();
  const int bits = samples.elemSize1() == 1 ? 8 : 16;
  const bool grey = samples.channels() == 1;
  Put(DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  Put(DCM_SOPInstanceUID, "2.25.1");
  Put(DCM_Modality, "DX");
  Put(DCM_BodyPartExamined, "CHEST");
  Put(DCM_ViewPosition, "PA");
  Put(DCM_Rows, samples.rows);
  Put(DCM_Columns, samples.cols);
  Put(DCM_SamplesPerPixel, samples.channels());
  Put(DCM_PhotometricInterpretation, grey ? "MONOCHROME2" : "RGB");
  Put(DCM_BitsAllocated, bits);
  Put(DCM_BitsStored, bits);
  Put(DCM_HighBit, bits - 1);
  Put(DCM_PixelRepresentation, 0);
  if (!grey) {
    Put(DCM_PlanarConfiguration, 0);
  } else if (bits > 8) {
    Put(DCM_WindowCenter, "32767.5");
    Put(DCM_WindowWidth, "65535");
    Put(DCM_VOILUTFunction, "LINEAR_EXACT");
  }
  const cv::Mat whole = samples.isContinuous() ? samples : samples.clone();
  const size_t bytes = whole.total() * whole.elemSize();
  std::vector<uint8_t> padded(whole.data, whole.data + bytes);
  padded.resize(bytes + bytes % 2);
  const bool put =
      bits == 8 ? dataset()
                      .putAndInsertUint8Array(DCM_PixelData, padded.data(),
                                              static_cast<unsigned long>(padded.size()))
                      .good()
                : dataset()
                      .putAndInsertUint16Array(DCM_PixelData,
                                               reinterpret_cast<const Uint16*>(padded.data()),
                                               static_cast<unsigned long>(padded.size() / 2))
                      .good();
  EXPECT_TRUE(put);
}

FakeDicom& FakeDicom::Put(const DcmTagKey& tag, const char* value) {
  EXPECT_TRUE(dataset().putAndInsertString(tag, value).good()) << tag.toString().c_str();
  return *this;
}

FakeDicom& FakeDicom::Put(const DcmTagKey& tag, int value) {
  const bool put = value < 0 ? dataset().putAndInsertSint16(tag, static_cast<Sint16>(value)).good()
                             : dataset().putAndInsertUint16(tag, static_cast<Uint16>(value)).good();
  EXPECT_TRUE(put) << tag.toString().c_str();
  return *this;
}

FakeDicom& FakeDicom::Remove(const DcmTagKey& tag) {
  EXPECT_TRUE(dataset().findAndDeleteElement(tag).good()) << tag.toString().c_str();
  return *this;
}

FakeDicom& FakeDicom::PutTable(const DcmTagKey& sequence, int first, int bits,
                               const std::vector<uint16_t>& entries) {
  DcmItem* item = nullptr;
  EXPECT_TRUE(dataset().findOrCreateSequenceItem(sequence, item, 0).good());
  const Uint16 descriptor[] = {static_cast<Uint16>(entries.size()), static_cast<Uint16>(first),
                               static_cast<Uint16>(bits)};
  EXPECT_TRUE(
      item->putAndInsertUint16Array(DcmTag(DCM_LUTDescriptor, EVR_US), descriptor, 3).good());
  EXPECT_TRUE(item->putAndInsertUint16Array(DcmTag(DCM_LUTData, EVR_OW), entries.data(),
                                            static_cast<unsigned long>(entries.size()))
                  .good());
  return *this;
}

std::string FakeDicom::Save(E_TransferSyntax syntax) {
  constexpr size_t kHeaderRoom = size_t{1} << 20;
  std::string bytes(dataset().calcElementLength(syntax, EET_UndefinedLength) + kHeaderRoom, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file_.transferInit();
  const OFCondition written = file_.write(stream, syntax, EET_UndefinedLength, nullptr);
  file_.transferEnd();
  EXPECT_TRUE(written.good()) << written.text();
  void* start = nullptr;
  offile_off_t length = 0;
  stream.flush();
  stream.flushBuffer(start, length);
  bytes.resize(static_cast<size_t>(length));
  return bytes;
}

std::string FakeDicom::Write(E_TransferSyntax syntax) {
  if (dataset().chooseRepresentation(syntax, ParameterFor(syntax)).bad() ||
      !dataset().canWriteXfer(syntax)) {
    return "";
  }
  return Save(syntax);
}

std::string FakeDicom::WriteCompressed(const char* syntax_uid, const std::string& frame) {
  const E_TransferSyntax syntax = DcmXfer(syntax_uid).getXfer();
  auto* sequence = new DcmPixelSequence(DcmTag(DCM_PixelData, EVR_OB));
  auto* fragment = new DcmPixelItem(DcmTag(DCM_Item, EVR_OB));
  fragment->putUint8Array(reinterpret_cast<const Uint8*>(frame.data()),
                          static_cast<unsigned long>(frame.size()));
  sequence->insert(new DcmPixelItem(DcmTag(DCM_Item, EVR_OB)));
  sequence->insert(fragment);
  auto* pixels = new DcmPixelData(DCM_PixelData);
  pixels->putOriginalRepresentation(syntax, nullptr, sequence);
  EXPECT_TRUE(dataset().insert(pixels, OFTrue).good());  // which owns all of them
  return Save(syntax);
}

std::string Jpeg2000Of(const cv::Mat& pixels) {
  const int channels = pixels.channels();
  const auto width = static_cast<OPJ_UINT32>(pixels.cols);
  const auto height = static_cast<OPJ_UINT32>(pixels.rows);
  std::vector<opj_image_cmptparm_t> parts(channels);
  for (opj_image_cmptparm_t& part : parts) {
    part = {};
    part.dx = part.dy = 1;
    part.w = width;
    part.h = height;
    part.prec = static_cast<OPJ_UINT32>(8 * pixels.elemSize1());
  }
  opj_image_t* image = opj_image_create(static_cast<OPJ_UINT32>(channels), parts.data(),
                                        channels == 1 ? OPJ_CLRSPC_GRAY : OPJ_CLRSPC_SRGB);
  image->x1 = width;
  image->y1 = height;
  for (int c = 0; c < channels; ++c) {
    cv::Mat plane;
    cv::extractChannel(pixels, plane, c);
    plane.convertTo(plane, CV_32S);
    std::copy(plane.begin<int>(), plane.end<int>(), image->comps[c].data);
  }
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);  // reversible
  parameters.tcp_mct = 0;
  parameters.tcp_numlayers = 1;
  parameters.cp_disto_alloc = 1;
  parameters.numresolution = 3;
  opj_codec_t* codec = opj_create_compress(OPJ_CODEC_J2K);
  opj_stream_t* stream = opj_stream_default_create(OPJ_FALSE);
  std::string out;
  opj_stream_set_user_data(stream, &out, nullptr);
  opj_stream_set_write_function(stream, [](void* bytes, OPJ_SIZE_T count, void* to) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), count);
    return count;
  });
  EXPECT_TRUE(opj_setup_encoder(codec, &parameters, image) &&
              opj_start_compress(codec, image, stream) && opj_encode(codec, stream) &&
              opj_end_compress(codec, stream));
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  return out;
}

}  // namespace lingula::test
