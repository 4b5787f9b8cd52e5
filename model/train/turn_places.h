// Captions that say where something is, made to fit an image that was turned.
#pragma once

#include <array>
#include <string>

#include "absl/strings/string_view.h"

namespace lingula {

// Row-major 2 x 2: where a step to the right and a step down in the varied picture lead in the
// picture as stored (x to the right, y down). Rotation, mirroring and zoom in any mixture.
using Turn = std::array<double, 4>;

// The caption with the places after "located in" ("top left, center of the image") moved as the
// picture was: "top", "bottom", "left" and "right" in any mixture of two; "center" stays.
// Directions are rounded to the nearest of the eight. Other captions are returned as they are.
std::string TurnPlaces(absl::string_view caption, const Turn& turn);

}  // namespace lingula
