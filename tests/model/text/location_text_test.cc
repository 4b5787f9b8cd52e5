#include "model/text/location_text.h"

#include <cctype>
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace lingula {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

constexpr ViewerLeft kOrientations[] = {ViewerLeft::kUnknown, ViewerLeft::kPatientRight,
                                        ViewerLeft::kPatientLeft};

ZoneProbabilities Of(int bits) {
  ZoneProbabilities zones;
  for (int i = 0; i < kZones; ++i) {
    zones[i] = (bits >> i & 1) != 0 ? 0.9F : 0.1F;
  }
  return zones;
}

// True when each "left" and "right" in `text` says whose it is.
bool SidesAreQualified(absl::string_view text) {
  for (const absl::string_view word : {"left", "right"}) {
    for (size_t at = text.find(word); at != absl::string_view::npos; at = text.find(word, at + 1)) {
      const bool of_patient = absl::EndsWith(text.substr(0, at), "patient's ");
      const bool of_image = absl::StartsWith(text.substr(at + word.size()), " side of the image");
      if (of_patient == of_image) {
        return false;
      }
    }
  }
  return true;
}

TEST(LocationTextTest, TheCheckItselfFindsBareSides) {
  EXPECT_FALSE(SidesAreQualified("Infection in the left lung."));
  EXPECT_FALSE(SidesAreQualified("the right side"));
  EXPECT_TRUE(SidesAreQualified("the patient's left lung (right side of the image)"));
}

TEST(LocationTextTest, NoSideIsEverNamedUnqualified) {
  // In English; a language with other words for sides brings its own check, and the count below
  // fails until it does.
  ASSERT_EQ(KnownLocales(), "en");
  const Phrases* const phrases = PhrasesFor("en");
  for (int bits = 0; bits < 1 << kZones; ++bits) {
    for (const bool mask_empty : {false, true}) {
      for (const ViewerLeft viewer_left : kOrientations) {
        const LocationText text = DescribeLocation(Of(bits), mask_empty, viewer_left, *phrases);
        EXPECT_TRUE(SidesAreQualified(text.sentence)) << text.sentence;
        EXPECT_TRUE(absl::EndsWith(text.sentence, ".")) << text.sentence;
        EXPECT_TRUE(std::isupper(static_cast<unsigned char>(text.sentence[0])));
        EXPECT_EQ(text.findings.size(), ZoneBits(bits).count());
        const bool named = absl::StrContains(text.sentence, "patient's");
        EXPECT_EQ(named, viewer_left != ViewerLeft::kUnknown && bits != 0) << text.sentence;
        const bool disagree = absl::StrContains(text.sentence, "disagree");
        EXPECT_EQ(disagree, (bits == 0) != mask_empty) << text.sentence;
      }
    }
  }
}

// Endoscopy: every third of width and height, one part and several, and nothing.
TEST(LocationTextTest, NoPlaceInAFrameNamesABareSide) {
  std::set<std::string> sentences;
  for (const double x : {0.1, 0.5, 0.9}) {
    for (const double y : {0.1, 0.5, 0.9}) {
      for (const int parts : {0, 1, 2, 12}) {
        for (const double share : {0.0, 0.2}) {
          const std::string sentence = DescribePlace({share, x, y, parts}, kEnglish).sentence;
          EXPECT_TRUE(SidesAreQualified(sentence)) << sentence;
          EXPECT_EQ(sentence.find('$'), std::string::npos) << sentence;
          sentences.insert(sentence);
        }
      }
    }
  }
  EXPECT_EQ(sentences.size(), 9U * 3U + 1U);  // one part, 2, 12; and nothing at all
}

TEST(PhrasesTest, AreFoundByTheirTagAndByRegionsOfIt) {
  for (const char* tag : {"", "en", "EN", "en-GB", "en-Latn-US"}) {
    EXPECT_EQ(PhrasesFor(tag), &kEnglish) << tag;
  }
  for (const char* tag : {"de", "english", "-", "e", "en_GB"}) {
    EXPECT_EQ(PhrasesFor(tag), nullptr) << tag;
  }
}

TEST(LocationTextTest, NamesTheSideOfThePatientAndOfTheImage) {
  EXPECT_EQ(
      DescribeLocation(Of(0b000100), false, ViewerLeft::kPatientRight, kEnglish).sentence,
      "Infection is likely in the patient's right lung, lower zone (left side of the image).");
  EXPECT_EQ(DescribeLocation(Of(0b000100), false, ViewerLeft::kPatientLeft, kEnglish).sentence,
            "Infection is likely in the patient's left lung, lower zone (left side of the image).");
  EXPECT_EQ(DescribeLocation(Of(0b101111), false, ViewerLeft::kPatientRight, kEnglish).sentence,
            "Infection is likely in both lungs: the patient's right lung, all zones (left side of "
            "the image), and the patient's left lung, upper and lower zones (right side of the "
            "image).");
}

TEST(LocationTextTest, SpeaksOfTheImageAloneWhenTheOrientationIsUnknown) {
  EXPECT_EQ(DescribeLocation(Of(0b000110), false, ViewerLeft::kUnknown, kEnglish).sentence,
            "Infection is likely in the lung on the left side of the image, middle and lower "
            "zones.");
  EXPECT_EQ(DescribeLocation(Of(0b001001), false, ViewerLeft::kUnknown, kEnglish).sentence,
            "Infection is likely in both lungs: the lung on the left side of the image, upper "
            "zone, and the lung on the right side of the image, upper zone.");
}

TEST(LocationTextTest, SaysWhenNothingIsThereAndWhenMaskAndReportDisagree) {
  EXPECT_EQ(DescribeLocation(Of(0), true, ViewerLeft::kPatientRight, kEnglish).sentence,
            "No infected area was found.");
  EXPECT_THAT(DescribeLocation(Of(0), false, ViewerLeft::kPatientRight, kEnglish).sentence,
              HasSubstr("the report names none"));
  EXPECT_THAT(DescribeLocation(Of(1), true, ViewerLeft::kPatientRight, kEnglish).sentence,
              HasSubstr("the mask is empty"));
}

TEST(LocationTextTest, FindingsGoFromImageLeftAndFromAbove) {
  ZoneProbabilities zones = Of(0b100010);
  zones[5] = kZoneThreshold;  // inclusive
  zones[0] = 0.49F;
  const LocationText text = DescribeLocation(zones, false, ViewerLeft::kPatientRight, kEnglish);
  EXPECT_THAT(text.findings,
              ElementsAre(testing::AllOf(Field(&Finding::zone, Zone::kImageLeftMiddle),
                                         Field(&Finding::patient_side, PatientSide::kRight),
                                         Field(&Finding::probability, 0.9F)),
                          testing::AllOf(Field(&Finding::zone, Zone::kImageRightLower),
                                         Field(&Finding::patient_side, PatientSide::kLeft),
                                         Field(&Finding::probability, 0.5F))));
}

TEST(LocationTextTest, WithoutZonesThePlaceInThePicture) {
  EXPECT_EQ(DescribePlace({0, 0.5, 0.5}, kEnglish).sentence, "No area was marked.");
  EXPECT_EQ(DescribePlace({0.123, 0.9, 0.1}, kEnglish).sentence,
            "The marked area covers 12.3 % of the image; its centre lies on the right side of the "
            "image, in the upper third.");
  EXPECT_EQ(
      DescribePlace({0.123, 0.5, 0.5, 3}, kEnglish).sentence,
      "The marked area covers 12.3 % of the image in 3 parts; their common centre lies in the "
      "middle of the image, in the middle third.");
  EXPECT_THAT(DescribePlace({0.5, 0.5, 0.9}, kEnglish).sentence,
              HasSubstr("in the middle of the image, in the lower third"));
  EXPECT_TRUE(DescribePlace({0.5, 0.5, 0.9}, kEnglish).findings.empty());
}

}  // namespace
}  // namespace lingula
