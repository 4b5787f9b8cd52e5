#include "client/mask_shapes.h"

#include "absl/strings/str_cat.h"

namespace lingula::cli {

const v1::Mask* FindMask(const Masks& masks, v1::MaskFormat format) {
  for (const v1::Mask& mask : masks) {
    if (mask.format() == format) {
      return &mask;
    }
  }
  return nullptr;
}

std::string SvgPath(const Masks& masks) {
  std::string path;
  for (const v1::Mask& mask : masks) {
    for (const v1::Polygon& polygon : mask.polygons().polygons()) {
      for (int i = 0; i + 1 < polygon.xy_size(); i += 2) {
        absl::StrAppend(&path, i == 0 ? "M" : "L", polygon.xy(i), " ", polygon.xy(i + 1));
      }
      path += 'Z';
    }
  }
  return path;
}

}  // namespace lingula::cli
