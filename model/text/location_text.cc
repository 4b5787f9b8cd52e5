#include "model/text/location_text.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_format.h"
#include "absl/strings/substitute.h"

namespace lingula {
namespace {

constexpr int kZonesOfLung = kZones / 2;
constexpr unsigned kOneLung = 0b111;

PatientSide SideOf(bool image_left, ViewerLeft viewer_left) {
  if (viewer_left == ViewerLeft::kUnknown) {
    return PatientSide::kUnknown;
  }
  const bool viewer_left_is_right = viewer_left == ViewerLeft::kPatientRight;
  return image_left == viewer_left_is_right ? PatientSide::kRight : PatientSide::kLeft;
}

// `zones` counts from the lung's upper zone.
std::string LungText(bool image_left, const ZoneBits& zones, ViewerLeft viewer_left,
                     const Phrases& phrases) {
  const auto patient_side = static_cast<size_t>(SideOf(image_left, viewer_left));
  return absl::Substitute(phrases.lung[image_left ? 0 : 1][patient_side],
                          phrases.zones[zones.to_ulong()]);
}

std::string PlacesText(const ZoneBits& zones, ViewerLeft viewer_left, const Phrases& phrases) {
  const ZoneBits image_left = zones & ZoneBits(kOneLung), image_right = zones >> kZonesOfLung;
  const std::string left = LungText(true, image_left, viewer_left, phrases);
  const std::string right = LungText(false, image_right, viewer_left, phrases);
  if (image_right.none()) {
    return left;
  }
  return image_left.none() ? right : absl::Substitute(phrases.both_lungs, left, right);
}

std::string SentenceFor(const ZoneBits& zones, bool mask_empty, ViewerLeft viewer_left,
                        const Phrases& phrases) {
  if (zones.none()) {
    return mask_empty ? phrases.nothing_found : phrases.mask_without_report;
  }
  return absl::Substitute(mask_empty ? phrases.report_without_mask : phrases.likely,
                          PlacesText(zones, viewer_left, phrases));
}

}  // namespace

LocationText DescribeLocation(const ZoneProbabilities& zones, bool mask_empty,
                              ViewerLeft viewer_left, const Phrases& phrases) {
  const ZoneBits reported = Reported(zones);
  LocationText text;
  for (int i = 0; i < kZones; ++i) {
    if (reported[i]) {
      text.findings.push_back(
          {static_cast<Zone>(i), SideOf(i < kZonesOfLung, viewer_left), zones[i]});
    }
  }
  text.sentence = SentenceFor(reported, mask_empty, viewer_left, phrases);
  return text;
}

LocationText DescribePlace(const MarkedArea& area, const Phrases& phrases) {
  LocationText text;
  if (!(area.share > 0)) {
    text.sentence = phrases.nothing_marked;
    return text;
  }
  const auto third = [](double place) { return place < 1.0 / 3 ? 0 : place < 2.0 / 3 ? 1 : 2; };
  std::string percent = absl::StrFormat("%.1f", 100 * area.share);
  std::replace(percent.begin(), percent.end(), '.', phrases.decimal_point);
  const char* const place = phrases.place[third(area.centre_y)][third(area.centre_x)];
  text.sentence = area.parts > 1
                      ? absl::Substitute(phrases.area_in_parts, percent, place, area.parts)
                      : absl::Substitute(phrases.area, percent, place);
  return text;
}

}  // namespace lingula
