#include "model/text/location_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lingula {
namespace {

constexpr int kZonesOfLung = kZones / 2;
constexpr const char* kZoneWords[kZonesOfLung] = {"upper", "middle", "lower"};

// One lung by the side of the image on which it is seen.
struct Lung {
  bool image_left = true;
  PatientSide patient_side = PatientSide::kUnknown;
  ZoneBits zones;
};

PatientSide SideOf(bool image_left, ViewerLeft viewer_left) {
  if (viewer_left == ViewerLeft::kUnknown) {
    return PatientSide::kUnknown;
  }
  const bool viewer_left_is_right = viewer_left == ViewerLeft::kPatientRight;
  return image_left == viewer_left_is_right ? PatientSide::kRight : PatientSide::kLeft;
}

// "lower zone", "upper and lower zones", "all zones". `zones` counts from the lung's upper zone.
std::string ZonesText(const ZoneBits& zones) {
  if (zones.count() == kZonesOfLung) {
    return "all zones";
  }
  std::string text;
  for (int i = 0; i < kZonesOfLung; ++i) {
    if (zones[i]) {
      absl::StrAppend(&text, text.empty() ? "" : " and ", kZoneWords[i]);
    }
  }
  return absl::StrCat(text, zones.count() == 1 ? " zone" : " zones");
}

// "the patient's right lung, lower zone (left side of the image)", or without orientation "the lung
// on the left side of the image, lower zone".
std::string LungText(const Lung& lung) {
  const absl::string_view side = lung.image_left ? "left" : "right";
  if (lung.patient_side == PatientSide::kUnknown) {
    return absl::StrCat("the lung on the ", side, " side of the image, ", ZonesText(lung.zones));
  }
  return absl::StrCat("the patient's ", lung.patient_side == PatientSide::kLeft ? "left" : "right",
                      " lung, ", ZonesText(lung.zones), " (", side, " side of the image)");
}

std::string PlacesText(const ZoneBits& zones, ViewerLeft viewer_left) {
  constexpr unsigned kOneLung = 0b111;
  const ZoneBits image_left = zones & ZoneBits(kOneLung);
  const ZoneBits image_right = zones >> kZonesOfLung;
  const std::string left = LungText({true, SideOf(true, viewer_left), image_left});
  const std::string right = LungText({false, SideOf(false, viewer_left), image_right});
  if (image_right.none()) {
    return left;
  }
  return image_left.none() ? right : absl::StrCat("both lungs: ", left, ", and ", right);
}

std::string SentenceFor(const ZoneBits& zones, bool mask_empty, ViewerLeft viewer_left) {
  if (zones.none()) {
    return mask_empty ? "No infected area was found."
                      : "The mask marks an infected area although the report names none: mask and "
                        "report disagree.";
  }
  const std::string places = PlacesText(zones, viewer_left);
  return mask_empty ? absl::StrCat("The report names infection in ", places,
                                   "; the mask is empty: mask and report disagree.")
                    : absl::StrCat("Infection is likely in ", places, ".");
}

}  // namespace

LocationText DescribeLocation(const ZoneProbabilities& zones, bool mask_empty,
                              ViewerLeft viewer_left) {
  const ZoneBits reported = Reported(zones);
  LocationText text;
  for (int i = 0; i < kZones; ++i) {
    if (reported[i]) {
      text.findings.push_back(
          {static_cast<Zone>(i), SideOf(i < kZonesOfLung, viewer_left), zones[i]});
    }
  }
  text.sentence = SentenceFor(reported, mask_empty, viewer_left);
  return text;
}

LocationText DescribePlace(double area_share, double centre_x, double centre_y) {
  LocationText text;
  if (!(area_share > 0)) {
    text.sentence = "No area was marked.";
    return text;
  }
  const auto third = [](double place) { return place < 1.0 / 3 ? 0 : place < 2.0 / 3 ? 1 : 2; };
  constexpr const char* kHeights[] = {"upper", "middle", "lower"};
  constexpr const char* kWidths[] = {"on the left side of the image", "in the middle of the image",
                                     "on the right side of the image"};
  text.sentence = absl::StrFormat(
      "The marked area covers %.1f %% of the image; its centre lies %s, in the %s third.",
      100 * area_share, kWidths[third(centre_x)], kHeights[third(centre_y)]);
  return text;
}

}  // namespace lingula
