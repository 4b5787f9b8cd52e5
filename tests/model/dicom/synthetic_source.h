// Made-up DICOM files for the tests of results.
#pragma once

#include <memory>
#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "model/dicom/dicom_source_content.h"

namespace lingula {

// A whole file to be, with patient, study and a picture of the size.
std::unique_ptr<DcmFileFormat> SyntheticChest(int columns, int rows);               // DX
std::unique_ptr<DcmFileFormat> SyntheticFilm(int columns, int rows);                // CR
std::unique_ptr<DcmFileFormat> SyntheticEndoscopy(int columns, int rows);           // VL Endoscopic
std::unique_ptr<DcmFileFormat> SyntheticFrames(int columns, int rows, int frames);  // SC, grey
// As little as can be referred to.
std::unique_ptr<DcmFileFormat> SyntheticBare(int columns, int rows);

// `file` as the reading side hands it on.
std::shared_ptr<const DicomSource> SourceOf(DcmFileFormat& file, int frame = 1);

}  // namespace lingula
