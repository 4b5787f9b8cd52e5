// Cameras at 30 frames a second: how many a server keeps up with, and what becomes of more.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lingula/v1/image.pb.h"
#include "lingula/v1/stream.pb.h"
#include "tests/bench/figures.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"
#include "tests/bench/stream_record.h"
#include "tests/bench/target.h"

namespace lingula::bench {

inline constexpr double kFramesPerSecond = 30;
inline constexpr double kFrameLimit_ms = 33;  // a frame is answered before the next one comes

// The size of a small endoscope's picture, as JPEG files: one second of them.
std::vector<lingula::v1::Image> EndoscopyFrames();

// `streams` cameras for `duration`, asking for COCO run lengths.
absl::StatusOr<StreamOutcome> TryStreams(const std::string& target,
                                         const std::vector<lingula::v1::Image>& frames,
                                         lingula::v1::StreamPolicy policy, int streams,
                                         Plan::Millis duration, std::mt19937_64& random);

// Adds streams_in_time, the most streams of which every frame gets its mask, in order, with 99 in a
// hundred within kFrameLimit_ms; what must never happen to a frame; and a table of all loads.
// `side_px` is the network's.
absl::Status MeasureStreams(const Target& target, int side_px, uint64_t seed, const Plan& plan,
                            Steps& steps, Figures& figures);
Plan::Millis StreamsTime(const Plan& plan);  // a guess: it depends on how many the server can take

}  // namespace lingula::bench
