// Takes pictures through the node: spool, service, PACS.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/dicom_node/attempts.h"
#include "client/dicom_node/spool.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/base/clock.h"

namespace lingula::node {

struct ForwarderOptions {
  std::string model;  // empty: the server's default
  bool structured_report = false;
  bool fractional = false;
  bool all_frames = false;
  int at_a_time = 4;                          // threads that the caller gives to SegmentLoop
  int max_attempts = 10;                      // of failures that are not the network's
  std::chrono::milliseconds first_wait{500};  // doubles with each failure in a row
  std::chrono::milliseconds longest_wait{30000};
};

// What it does things with; both block. Errors that say "try again" are UNAVAILABLE,
// DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and CANCELLED: they count against nothing.
// INVALID_ARGUMENT, OUT_OF_RANGE, UNIMPLEMENTED and FAILED_PRECONDITION will never get better: the
// picture is refused. All others are tried max_attempts times.
struct ForwarderDoors {
  std::function<absl::StatusOr<v1::SegmentResponse>(const v1::SegmentRequest&)> segment;
  std::function<absl::Status(const std::string& file)> store;
};

// What a DICOM file is of, by the class that its header names: CR and DX are chest X-rays, visible
// light pictures are endoscopy; secondary captures and all else can be anything. An endoscopy frame
// must not be segmented as an X-ray because that model is the server's default.
v1::Modality ModalityOf(absl::string_view file);

// Two loops: any number of threads may share the first, which calls doors.segment from all of them,
// and one runs the second, so that results reach the PACS one after the other. Stop() ends them
// after the step they are at.
class Forwarder {
 public:
  Forwarder(const ForwarderOptions& options, ForwarderDoors doors, Spool& spool);

  void SegmentLoop();
  void StoreLoop();
  void Stop();

  // Attempts that failed because the other side was away, and for any other reason. Thread-safe.
  struct Failures {
    std::atomic<int64_t> away{0}, other{0};
  };
  const Failures& segment_failures() const { return segmenting_.failures; }
  const Failures& store_failures() const { return storing_.failures; }

 private:
  // What a loop does with a picture, and what becomes of those that fail.
  struct Step {
    const char* name;
    std::function<std::vector<uint64_t>()> waiting;
    std::function<absl::Status(uint64_t)> work;
    Attempts attempts;
    Failures failures = {};
  };

  absl::Status Segment(uint64_t number);
  absl::Status AddResults(uint64_t number, const v1::SegmentResponse& answer, int& index);
  absl::Status Store(uint64_t number);
  void Loop(Step& step);
  void NoteFailure(Step& step, uint64_t number, const absl::Status& why);

  const ForwarderOptions options_;
  const ForwarderDoors doors_;
  Spool& spool_;
  Step segmenting_, storing_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace lingula::node
