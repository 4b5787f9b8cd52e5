// Takes pictures through the node: spool, service, PACS.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "client/dicom_node/spool.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/base/clock.h"

namespace lingula::node {

struct ForwarderOptions {
  std::string model;  // empty: the server's default
  bool structured_report = false;
  bool fractional = false;
  bool all_frames = false;
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

// Two loops, for a thread each; Stop() ends both after the step they are at.
class Forwarder {
 public:
  Forwarder(const ForwarderOptions& options, ForwarderDoors doors, Spool& spool);

  void SegmentLoop();
  void StoreLoop();
  void Stop();

 private:
  struct Trouble {
    int attempts = 0;  // that count
    int in_a_row = 0;  // for the wait
    Instant not_before{};
  };
  using Troubles = std::map<uint64_t, Trouble>;

  absl::Status Segment(uint64_t number);
  absl::Status AddResults(uint64_t number, const v1::SegmentResponse& answer, int& index);
  absl::Status Store(uint64_t number);
  void Loop(const char* step, const std::function<std::vector<uint64_t>()>& waiting,
            const std::function<absl::Status(uint64_t)>& work);
  bool HandleFailure(const char* step, uint64_t number, const absl::Status& why,
                     Troubles& troubles);
  std::chrono::milliseconds WaitAfter(int failures) const;

  const ForwarderOptions options_;
  const ForwarderDoors doors_;
  Spool& spool_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace lingula::node
