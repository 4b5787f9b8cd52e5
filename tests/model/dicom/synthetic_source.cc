#include "tests/model/dicom/synthetic_source.h"

#include <utility>
#include <vector>

namespace lingula {
namespace {

struct Look {
  const char* sop_class;
  const char* modality;
  int columns, rows, samples, bits, frames;
};

void Put(DcmDataset& dataset, const DcmTagKey& tag, const std::string& value) {
  dataset.putAndInsertString(tag, value.c_str());
}

void PutPatient(DcmDataset& dataset) {
  Put(dataset, DCM_SpecificCharacterSet, "ISO_IR 100");
  Put(dataset, DCM_PatientName, "M\xFCller^J\xF6rg");
  Put(dataset, DCM_PatientID, "P-4711");
  Put(dataset, DCM_PatientBirthDate, "19500102");
  Put(dataset, DCM_PatientSex, "M");
  Put(dataset, DCM_StudyDate, "20240305");
  Put(dataset, DCM_StudyTime, "101500");
  Put(dataset, DCM_AccessionNumber, "A-1");
  Put(dataset, DCM_ReferringPhysicianName, "Doctor^Who");
  Put(dataset, DCM_StudyID, "S-1");
  Put(dataset, DCM_StudyDescription, "Thorax");
}

void PutPixels(DcmDataset& dataset, const Look& look) {
  dataset.putAndInsertUint16(DCM_SamplesPerPixel, static_cast<Uint16>(look.samples));
  Put(dataset, DCM_PhotometricInterpretation, look.samples == 3 ? "RGB" : "MONOCHROME2");
  if (look.samples == 3) {
    dataset.putAndInsertUint16(DCM_PlanarConfiguration, 0);
  }
  dataset.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(look.rows));
  dataset.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(look.columns));
  dataset.putAndInsertUint16(DCM_BitsAllocated, look.bits > 8 ? 16 : 8);
  dataset.putAndInsertUint16(DCM_BitsStored, static_cast<Uint16>(look.bits));
  dataset.putAndInsertUint16(DCM_HighBit, static_cast<Uint16>(look.bits - 1));
  dataset.putAndInsertUint16(DCM_PixelRepresentation, 0);
  const size_t values = static_cast<size_t>(look.columns) * look.rows * look.samples * look.frames;
  if (look.bits > 8) {
    const std::vector<Uint16> pixels(values, 1000);
    dataset.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
  } else {
    const std::vector<Uint8> pixels(values + values % 2, 100);
    dataset.putAndInsertUint8Array(DCM_PixelData, pixels.data(), pixels.size());
  }
}

std::unique_ptr<DcmFileFormat> Make(const Look& look, const std::string& uid) {
  auto file = std::make_unique<DcmFileFormat>();
  DcmDataset& dataset = *file->getDataset();
  PutPatient(dataset);
  Put(dataset, DCM_SOPClassUID, look.sop_class);
  Put(dataset, DCM_SOPInstanceUID, uid + ".3");
  Put(dataset, DCM_SeriesInstanceUID, uid + ".2");
  Put(dataset, DCM_StudyInstanceUID, uid + ".1");
  Put(dataset, DCM_Modality, look.modality);
  Put(dataset, DCM_SeriesNumber, "2");
  Put(dataset, DCM_InstanceNumber, "5");
  Put(dataset, DCM_Manufacturer, "Camera Works");
  Put(dataset, DCM_ManufacturerModelName, "C-1");
  Put(dataset, DCM_ContentDate, "20240305");
  Put(dataset, DCM_ContentTime, "101632.5");
  PutPixels(dataset, look);
  return file;
}

}  // namespace

std::unique_ptr<DcmFileFormat> SyntheticChest(int columns, int rows) {
  auto file = Make({UID_DigitalXRayImageStorageForPresentation, "DX", columns, rows, 1, 12, 1},
                   "1.2.276.0.7230010.3.9.1");
  Put(*file->getDataset(), DCM_PatientOrientation, "L\\F");
  Put(*file->getDataset(), DCM_ViewPosition, "PA");
  Put(*file->getDataset(), DCM_FrameOfReferenceUID, "1.2.276.0.7230010.3.9.1.4");
  Put(*file->getDataset(), DCM_BodyPartExamined, "CHEST");
  return file;
}

std::unique_ptr<DcmFileFormat> SyntheticFilm(int columns, int rows) {
  return Make({UID_ComputedRadiographyImageStorage, "CR", columns, rows, 1, 10, 1},
              "1.2.276.0.7230010.3.9.2");
}

std::unique_ptr<DcmFileFormat> SyntheticEndoscopy(int columns, int rows) {
  auto file =
      Make({UID_VLEndoscopicImageStorage, "ES", columns, rows, 3, 8, 1}, "1.2.276.0.7230010.3.9.3");
  Put(*file->getDataset(), DCM_LossyImageCompression, "01");
  Put(*file->getDataset(), DCM_LossyImageCompressionRatio, "12.5");
  Put(*file->getDataset(), DCM_LossyImageCompressionMethod, "ISO_10918_1");
  return file;
}

std::unique_ptr<DcmFileFormat> SyntheticFrames(int columns, int rows, int frames) {
  auto file = Make(
      {UID_MultiframeGrayscaleByteSecondaryCaptureImageStorage, "OT", columns, rows, 1, 8, frames},
      "1.2.276.0.7230010.3.9.4");
  Put(*file->getDataset(), DCM_NumberOfFrames, std::to_string(frames));
  return file;
}

std::unique_ptr<DcmFileFormat> SyntheticBare(int columns, int rows) {
  auto file = std::make_unique<DcmFileFormat>();
  DcmDataset& dataset = *file->getDataset();
  Put(dataset, DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
  Put(dataset, DCM_SOPInstanceUID, "1.2.276.0.7230010.3.9.5.3");
  PutPixels(dataset, {nullptr, nullptr, columns, rows, 1, 8, 1});
  return file;
}

std::shared_ptr<const DicomSource> SourceOf(DcmFileFormat& file, int frame) {
  auto dataset = std::make_unique<DcmDataset>(*file.getDataset());
  DicomSource::Content::Image image;
  const auto number = [&](const DcmTagKey& tag) {
    Uint16 value = 0;
    dataset->findAndGetUint16(tag, value);
    return static_cast<int>(value);
  };
  const auto text = [&](const DcmTagKey& tag) {
    OFString value;
    dataset->findAndGetOFString(tag, value);
    return std::string(value.c_str());
  };
  image.rows = number(DCM_Rows);
  image.columns = number(DCM_Columns);
  image.frame = frame;
  Sint32 frames = 1;
  dataset->findAndGetSint32(DCM_NumberOfFrames, frames);
  image.frames = frames;
  image.lossy = text(DCM_LossyImageCompression) == "01";
  image.transfer_syntax = UID_LittleEndianExplicitTransferSyntax;
  image.sop_class = text(DCM_SOPClassUID);
  image.sop_instance = text(DCM_SOPInstanceUID);
  dataset->findAndDeleteElement(DCM_PixelData);
  return std::make_shared<const DicomSource>(
      std::make_unique<const DicomSource::Content>(std::move(dataset), std::move(image)));
}

}  // namespace lingula
