// Answers as text: rows of a table for people, JSON for programs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::cli {

// Rows under a common head. Rows are printed as answers come, so widths are fixed beforehand.
class AnswerTable {
 public:
  // `file_width`: characters of the longest file name.
  explicit AnswerTable(size_t file_width);
  std::string Head() const;
  // The row of one answer and, indented below it, zones and location sentence.
  std::string Row(const std::string& file, const v1::SegmentResponse& answer,
                  std::chrono::microseconds round_trip) const;

 private:
  const int file_width_;
};

// "0.84 [0.70, 0.92]", "0.84 (uncalibrated)", "n/a" for an empty mask.
std::string ExpectedDiceText(const v1::Quality& quality);
// "LOW_CONFIDENCE, EMPTY_MASK", "-" for none; UNCALIBRATED stands beside the Dice already.
std::string FlagsText(const v1::SegmentResponse& answer);
// ZONE_IMAGE_LEFT_LOWER as people write it: "image left lower".
std::string ZoneText(v1::Zone zone);
// "image left lower 93 %, image right lower 71 %", or "none".
std::string ZonesText(const v1::GuidanceReceipt& guidance);
// "image left lower #3 (0.912), pool 7 #0 (0.881); margin 0.02".
std::string PrototypesText(const v1::GuidanceReceipt& guidance);

// "Dice 0.871 with the mask, had the report named image left upper, too".
std::string SecondOpinionText(const v1::SegmentResponse& answer);
// "had the report named image left upper, too", "had the report not named image right lower"; empty
// where no zone tells both reports apart.
std::string ChangedZonesText(const v1::SegmentResponse& answer);

// "Dice 0.912, Jaccard 0.838, HD95 4.2 px", "n/a" for what both masks leave open.
std::string OverlapText(const v1::Overlap& overlap);

// Protobuf's JSON with the .proto's field names on one line, fields without value included.
std::string ToJson(const google::protobuf::Message& message);
// One object: "file", "written" (paths), "round_trip_us", then the answer without the bytes of its
// images, polygons and run lengths excepted.
std::string AnswerJson(const std::string& file, v1::SegmentResponse answer,
                       const std::vector<std::string>& written,
                       std::chrono::microseconds round_trip);
// One object: "file", "error" with "code" and "message".
std::string ErrorJson(const std::string& file, const absl::Status& status);

// What went wrong, for people: "the image was refused: ...".
std::string InWords(const absl::Status& status);

// Rows of equal length in aligned columns.
std::string Aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace lingula::cli
