// Cameras: streams of frames that come at their own pace, whatever the answers do.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.pb.h"
#include "tests/bench/stream_record.h"

namespace lingula::bench {

struct StreamLoad {
  lingula::v1::StreamSettings settings;
  std::vector<lingula::v1::Image> frames;  // each stream sends them in turn, over and over
  std::vector<std::vector<Nanos>> due;     // one list a stream
};

// One connection and two threads a stream. Blocks until all have ended; a stream that hangs for a
// minute is given up, and its frames are unaccounted for.
// Errors   what ended a stream otherwise than with OK; UNAVAILABLE: `target` does not answer.
absl::StatusOr<std::vector<StreamRecord>> RunStreams(const std::string& target,
                                                     const StreamLoad& load);

}  // namespace lingula::bench
