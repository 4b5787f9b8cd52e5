// An answer as the page reads it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::console {

// Content of every answer with more than text: the number of bytes of `json` (32 bits,
// little-endian), `json`, then the parts one after the other, whose lengths `json` holds under
// "parts".
std::string Envelope(absl::string_view json, const std::vector<absl::string_view>& parts);

// {"answer": the SegmentResponse without its masks, "path", "second_path": outlines as SVG path
// data, "width", "height", "flags": [{"name", "meaning"}], "second_words", "round_trip_us",
// "parts": [bytes of probabilities]} and the probabilities, uint8, as the one part.
std::string PageAnswer(v1::SegmentResponse answer, std::chrono::microseconds round_trip);

// {"frame", "latency_us", "dice", "sentence", "path", "width", "height", "foreground_share",
// "parts": [bytes of the picture]} or {"frame", "latency_us", "drop", "message", "parts": []}.
std::string PageFrame(const v1::SegmentStreamResponse& answer, std::chrono::microseconds latency,
                      absl::string_view jpeg);

}  // namespace lingula::console
