#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/dicom_item.h"
#include "model/dicom/dicom_modules.h"
#include "model/dicom/dicom_results.h"
#include "model/dicom/dicom_seg_object.h"
#include "model/dicom/dicom_seg_pixels.h"
#include "model/dicom/dicom_uid.h"

namespace lingula {
namespace {

constexpr int kFractionalMax = 255;

// How the pixels were compressed (C.7.6.1.1.5), for sources that do not say so themselves.
const char* LossyMethod(const std::string& transfer_syntax) {
  struct Row {
    const char* syntax;
    const char* method;
  };
  constexpr Row kRows[] = {{UID_JPEGProcess1TransferSyntax, "ISO_10918_1"},
                           {UID_JPEGProcess2_4TransferSyntax, "ISO_10918_1"},
                           {UID_JPEGLSLossyTransferSyntax, "ISO_14495_1"},
                           {UID_JPEG2000TransferSyntax, "ISO_15444_1"}};
  for (const Row& row : kRows) {
    if (transfer_syntax == row.syntax) {
      return row.method;
    }
  }
  return nullptr;
}

// Lossy sources make a lossy result. A ratio that nobody wrote down is left out.
void WriteLossy(const Origin& origin, DicomItem& item) {
  item.Text(DCM_LossyImageCompression, origin.image.lossy ? "01" : "00");
  if (!origin.image.lossy) {
    return;
  }
  item.Copy(*origin.dataset, DCM_LossyImageCompressionRatio);
  const char* const method = LossyMethod(origin.image.transfer_syntax);
  if (!item.Copy(*origin.dataset, DCM_LossyImageCompressionMethod) && method != nullptr) {
    item.Text(DCM_LossyImageCompressionMethod, method);
  }
}

// General Image (C.7.6.1), Image Pixel (C.7.6.3), Segmentation Image (C.8.20.2).
void WriteImage(const Origin& origin, SegKind kind, DicomItem& item) {
  const bool binary = kind == SegKind::kBinary;
  item.Text(DCM_ImageType, "DERIVED\\PRIMARY");
  item.CopyOrEmpty(*origin.dataset, DCM_PatientOrientation);
  item.Short(DCM_SamplesPerPixel, 1);
  item.Text(DCM_PhotometricInterpretation, "MONOCHROME2");
  item.Short(DCM_Rows, origin.image.rows);
  item.Short(DCM_Columns, origin.image.columns);
  item.Copy(*origin.dataset, DCM_PixelAspectRatio);
  item.Short(DCM_BitsAllocated, binary ? 1 : 8);
  item.Short(DCM_BitsStored, binary ? 1 : 8);
  item.Short(DCM_HighBit, binary ? 0 : 7);
  item.Short(DCM_PixelRepresentation, 0);
  WriteLossy(origin, item);
  item.Text(DCM_SegmentationType, binary ? "BINARY" : "FRACTIONAL");
  if (!binary) {
    item.Text(DCM_SegmentationFractionalType, "PROBABILITY");
    item.Short(DCM_MaximumFractionalValue, kFractionalMax);
  }
}

// Segment Description (C.8.20.4) with Algorithm Identification (10.16).
void WriteSegment(DicomTarget target, const DicomAlgorithm& algorithm, DicomItem& item) {
  const TargetCodes& codes = CodesOf(target);
  DicomItem segment = item.Append(DCM_SegmentSequence);
  segment.Short(DCM_SegmentNumber, 1);
  segment.Text(DCM_SegmentLabel, codes.type.meaning);
  segment.Text(DCM_SegmentDescription, "Found by a neural network. For research use only.");
  segment.Text(DCM_SegmentAlgorithmType, "AUTOMATIC");
  segment.Text(DCM_SegmentAlgorithmName, IdOf(algorithm), 64);
  segment.Code(DCM_SegmentedPropertyCategoryCodeSequence, codes.category);
  segment.Code(DCM_SegmentedPropertyTypeCodeSequence, codes.type);
  segment.Code(DCM_AnatomicRegionSequence, codes.region);
  DicomItem identity = segment.Append(DCM_SegmentationAlgorithmIdentificationSequence);
  identity.Code(DCM_AlgorithmFamilyCodeSequence, kArtificialIntelligence);
  identity.Text(DCM_AlgorithmName, algorithm.name, 64);
  identity.Text(DCM_AlgorithmVersion, algorithm.version, 64);
  identity.Text(DCM_AlgorithmParameters,
                absl::StrCat("family=", algorithm.family, " weights_sha256=", algorithm.digest, " ",
                             algorithm.parameters));
  identity.Text(DCM_AlgorithmSource, "Lingula");
}

// Frame of Reference (C.7.4.1): the source's, where it has one.
void WriteFrameOfReference(DcmItem& source, DicomItem& item) {
  if (item.Copy(source, DCM_FrameOfReferenceUID)) {
    item.CopyOrEmpty(source, DCM_PositionReferenceIndicator);
  }
}

// Multi-frame Functional Groups (C.7.6.16) and Dimension (C.7.6.17): one frame, one segment. A
// projection has no plane in space, so there are no plane groups: the Derivation Image group stands
// in for them (A.51).
void WriteFrames(const Origin& origin, const std::string& dimension, DicomItem& item) {
  item.Text(DCM_NumberOfFrames, "1");
  item.Append(DCM_DimensionOrganizationSequence).Text(DCM_DimensionOrganizationUID, dimension);
  DicomItem index = item.Append(DCM_DimensionIndexSequence);
  index.Text(DCM_DimensionOrganizationUID, dimension);
  index.Tag(DCM_DimensionIndexPointer, DCM_ReferencedSegmentNumber);
  index.Tag(DCM_FunctionalGroupPointer, DCM_SegmentIdentificationSequence);
  index.Text(DCM_DimensionDescriptionLabel, "Segment Number");
  item.Append(DCM_SharedFunctionalGroupsSequence)
      .Append(DCM_SegmentIdentificationSequence)
      .Short(DCM_ReferencedSegmentNumber, 1);
  DicomItem frame = item.Append(DCM_PerFrameFunctionalGroupsSequence);
  frame.Append(DCM_FrameContentSequence).Long(DCM_DimensionIndexValues, 1);
  DicomItem derivation = frame.Append(DCM_DerivationImageSequence);
  derivation.Code(DCM_DerivationCodeSequence, kSegmentation);
  DicomItem image = derivation.Append(DCM_SourceImageSequence);
  WriteReference(origin, image);
  image.Code(DCM_PurposeOfReferenceCodeSequence, kSourceImage);
  image.Text(DCM_SpatialLocationsPreserved, "YES");
}

// Common Instance Reference (C.12.2): of the study's own, since the result joins it.
void WriteInstanceReference(const Origin& origin, DicomItem& item) {
  DicomItem series = item.Append(DCM_ReferencedSeriesSequence);
  series.Text(DCM_SeriesInstanceUID, origin.series);
  DicomItem instance = series.Append(DCM_ReferencedInstanceSequence);
  instance.Text(DCM_ReferencedSOPClassUID, origin.image.sop_class);
  instance.Text(DCM_ReferencedSOPInstanceUID, origin.image.sop_instance);
}

}  // namespace

absl::Status CheckMask(const cv::Mat& mask, SegKind kind, const Origin& origin) {
  const int wanted = kind == SegKind::kBinary ? CV_8UC1 : CV_32FC1;
  if (mask.type() != wanted) {
    return absl::InvalidArgumentError("mask: must be CV_8UC1 for BINARY, CV_32FC1 for FRACTIONAL");
  }
  if (mask.rows != origin.image.rows || mask.cols != origin.image.columns) {
    return absl::InvalidArgumentError(absl::StrCat("mask: must be ", origin.image.columns, " x ",
                                                   origin.image.rows, " pixels as its source, got ",
                                                   mask.cols, " x ", mask.rows));
  }
  return absl::OkStatus();
}

ResultObject SegObject(const Origin& origin, SegKind kind, absl::string_view pixels,
                       DicomTarget target, const DicomAlgorithm& algorithm) {
  const bool binary = kind == SegKind::kBinary;
  const char* const what = binary ? "binary segmentation" : "fractional segmentation";
  ResultObject object;
  object.sop_class = UID_SegmentationStorage;
  object.modality = "SEG";
  object.series_offset = binary ? 91 : 92;
  object.what = what;
  object.sop_instance = InstanceUid(origin, algorithm, what, {CodesOf(target).label, pixels});
  object.series = SeriesUid(origin, algorithm, what);
  return object;
}

absl::StatusOr<std::string> WriteDicomSeg(const DicomSource& source, SegKind kind,
                                          const cv::Mat& mask, DicomTarget target,
                                          const DicomAlgorithm& algorithm) {
  LINGULA_ASSIGN_OR_RETURN(const Origin origin, OriginOf(source));
  LINGULA_RETURN_IF_ERROR(CheckMask(mask, kind, origin));
  const std::string pixels = kind == SegKind::kBinary ? BinaryPixels(mask) : FractionalPixels(mask);
  const ResultObject object = SegObject(origin, kind, pixels, target, algorithm);
  DcmFileFormat file;
  absl::Status problem;
  DicomItem item(*file.getDataset(), problem);
  WriteCommonModules(origin, algorithm, object, item);
  WriteFrameOfReference(*origin.dataset, item);
  WriteImage(origin, kind, item);
  item.Text(DCM_ContentLabel, CodesOf(target).label);
  item.Text(DCM_ContentDescription, "For research use only", 64);
  item.Text(DCM_ContentCreatorName, "");
  WriteSegment(target, algorithm, item);
  WriteFrames(origin, DerivedUid({"dimensions of", object.sop_instance}), item);
  WriteInstanceReference(origin, item);
  item.Bytes(DCM_PixelData, pixels);
  LINGULA_RETURN_IF_ERROR(problem);
  return BytesOf(file);
}

}  // namespace lingula
