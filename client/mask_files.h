// Masks as files: which forms there are, and what programs expect to find in them.
#pragma once

#include <map>
#include <string>

#include "lingula/v1/mask.pb.h"

namespace lingula::cli {

// Forms by the names that --form takes.
const std::map<std::string, v1::MaskFormat>& MaskFormNames();

// Whether the JSON of an answer shows the mask in this form.
bool StandsInJson(v1::MaskFormat format);

struct MaskFile {
  std::string ending;  // behind the image's name: ".mask.png"
  std::string content;
};
// PNG and DICOM as they came; run lengths as COCO's "segmentation" object; polygons as JSON; all
// others as NumPy arrays [rows, columns], of packed bits [rows, bytes of a row].
MaskFile FileOf(const v1::Mask& mask);

}  // namespace lingula::cli
