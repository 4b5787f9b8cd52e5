#include "model/train/turn_places.h"

#include <cmath>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace lingula {
namespace {

constexpr char kBefore[] = "located in ", kAfter[] = " of the image";

struct Direction {
  int x = 0, y = 0;  // -1, 0, 1
  bool known = true;
};

Direction DirectionOf(absl::string_view place) {
  Direction d;
  for (const absl::string_view word : absl::StrSplit(place, ' ', absl::SkipEmpty())) {
    if (word == "left" || word == "right") {
      d.x = word == "left" ? -1 : 1;
    } else if (word == "top" || word == "bottom") {
      d.y = word == "top" ? -1 : 1;
    } else {
      d.known = false;
    }
  }
  return d;
}

std::string WordsOf(int x, int y) {
  const std::string row = y < 0 ? "top" : y > 0 ? "bottom" : "";
  const std::string column = x < 0 ? "left" : x > 0 ? "right" : "";
  return row.empty() || column.empty() ? row + column : absl::StrCat(row, " ", column);
}

// Which of -1, 0 and 1 a coordinate of a direction is, when directions are rounded to multiples of
// 45 degrees.
int Rounded(double coordinate, double length) {
  constexpr double kSine = 0.3826834323650898;  // of 22.5 degrees
  return coordinate > kSine * length ? 1 : coordinate < -kSine * length ? -1 : 0;
}

std::string Turned(absl::string_view place, const Turn& t) {
  const Direction d = DirectionOf(place);
  const double determinant = t[0] * t[3] - t[1] * t[2];
  if (!d.known || (d.x == 0 && d.y == 0) || determinant == 0) {
    return std::string(place);
  }
  // Against `turn`: from the stored picture to the varied one. The sign of the determinant is what
  // counts, not its size.
  const double sign = determinant > 0 ? 1 : -1;
  const double x = sign * (t[3] * d.x - t[1] * d.y), y = sign * (t[0] * d.y - t[2] * d.x);
  const double length = std::hypot(x, y);
  return WordsOf(Rounded(x, length), Rounded(y, length));
}

}  // namespace

std::string TurnPlaces(absl::string_view caption, const Turn& turn) {
  const size_t before = caption.find(kBefore);
  if (before == absl::string_view::npos) {
    return std::string(caption);
  }
  const size_t begin = before + sizeof(kBefore) - 1;
  const size_t end = caption.find(kAfter, begin);
  if (end == absl::string_view::npos) {
    return std::string(caption);
  }
  std::vector<std::string> places;
  for (const absl::string_view place :
       absl::StrSplit(caption.substr(begin, end - begin), absl::ByString(", "))) {
    places.push_back(Turned(place, turn));
  }
  return absl::StrCat(caption.substr(0, begin), absl::StrJoin(places, ", "), caption.substr(end));
}

}  // namespace lingula
