#include "client/dicom_node/forwarder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"

namespace lingula::node {
namespace {

constexpr std::chrono::seconds kIdleWait{1};

// Or does not let us in: a token or role that is missing is no fault of the pictures.
bool IsAway(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsCancelled(status);
}

bool IsForGood(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsOutOfRange(status) ||
         absl::IsUnimplemented(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

// PS3.10, 7.1: the file's header stands behind 132 bytes, as explicit VR little endian; (0002,0002)
// is the class of the object, two bytes of length before it.
v1::Modality ModalityOf(absl::string_view file) {
  constexpr size_t kHeaderAt = 132, kHeaderBytes = 512;
  constexpr absl::string_view kClass("\x02\x00\x02\x00UI", 6);
  const absl::string_view header = file.substr(std::min(file.size(), kHeaderAt), kHeaderBytes);
  const size_t at = header.find(kClass);
  if (at == absl::string_view::npos || at + kClass.size() + 2 > header.size()) {
    return v1::MODALITY_UNSPECIFIED;
  }
  const auto length = static_cast<uint8_t>(header[at + kClass.size()]);
  absl::string_view uid = header.substr(at + kClass.size() + 2, length);
  uid = uid.substr(0, uid.find('\0'));  // filled up to an even length
  if (absl::StartsWith(uid, "1.2.840.10008.5.1.4.1.1.77.1.")) {
    return v1::MODALITY_ENDOSCOPY;
  }
  const bool is_xray = uid == "1.2.840.10008.5.1.4.1.1.1" || uid == "1.2.840.10008.5.1.4.1.1.1.1";
  return is_xray ? v1::MODALITY_CHEST_XRAY : v1::MODALITY_UNSPECIFIED;
}

Forwarder::Forwarder(const ForwarderOptions& options, ForwarderDoors doors, Spool& spool)
    : options_(options),
      doors_(std::move(doors)),
      spool_(spool),
      segmenting_{"segment",
                  [this] { return spool_.ToSegment(); },
                  [this](uint64_t number) { return Segment(number); },
                  {options.first_wait, options.longest_wait}},
      storing_{"store",
               [this] { return spool_.ToStore(); },
               [this](uint64_t number) { return Store(number); },
               {options.first_wait, options.longest_wait}} {}

void Forwarder::SegmentLoop() {
  Loop(segmenting_);
}

void Forwarder::StoreLoop() {
  Loop(storing_);
}

void Forwarder::Stop() {
  stopping_ = true;
  spool_.WakeAll();
}

// Works on what waits, oldest first. One that fails by itself steps back behind the others; when
// the other side is away, all wait.
void Forwarder::Loop(Step& step) {
  while (!stopping_) {
    const auto number = step.attempts.Take(step.waiting, Clock::Real().Now());
    if (!number.has_value()) {
      spool_.WaitForChange(step.attempts.WaitFrom(Clock::Real().Now(), kIdleWait));
      continue;
    }
    const absl::Status done = step.work(*number);
    if (done.ok()) {
      step.attempts.Done(*number);
      continue;
    }
    ++(IsAway(done) ? step.failures.away : step.failures.other);
    if (!IsAway(done)) {
      NoteFailure(step, *number, done);
    } else if (const auto wait = step.attempts.Away(*number, Clock::Real().Now())) {
      log::Warning("waiting", {{"step", step.name},
                               {"number", *number},
                               {"wait_ms", wait->count()},
                               {"reason", done.message()}});
    }
  }
}

// Puts the picture aside when it will not get better, else lets it step back.
void Forwarder::NoteFailure(Step& step, uint64_t number, const absl::Status& why) {
  const std::string code = absl::StatusCodeToString(why.code());
  const int failures = step.attempts.Failed(number);
  if (!IsForGood(why) && failures < options_.max_attempts) {
    log::Warning("failed, will try again",
                 {{"step", step.name}, {"number", number}, {"code", code}});
    step.attempts.StepBack(number, Clock::Real().Now());
    return;
  }
  log::Error("refused for good", {{"step", step.name}, {"number", number}, {"code", code}});
  const absl::Status aside =
      spool_.Refuse(number, absl::StrCat(step.name, ": ", code, ": ", why.message()));
  if (aside.ok()) {
    step.attempts.Done(number);
  } else {
    log::Error("cannot be put aside", {{"number", number}, {"reason", aside.message()}});
    step.attempts.StepBack(number, Clock::Real().Now());
  }
}

absl::Status Forwarder::Segment(uint64_t number) {
  v1::SegmentRequest request;
  LINGULA_ASSIGN_OR_RETURN(*request.mutable_image()->mutable_encoded(),
                           ReadFile(spool_.PictureOf(number)));
  request.set_model(options_.model);
  request.set_modality(ModalityOf(request.image().encoded()));
  request.set_want_structured_report(options_.structured_report);
  request.add_mask_formats(options_.fractional ? v1::MASK_FORMAT_DICOM_SEG_FRACTIONAL
                                               : v1::MASK_FORMAT_DICOM_SEG);
  int index = 0;
  uint32_t frames = 1;
  for (uint32_t frame = 1; frame <= frames && !stopping_; ++frame) {
    request.mutable_image()->set_frame_number(frame);
    LINGULA_ASSIGN_OR_RETURN(const v1::SegmentResponse answer, doors_.segment(request));
    LINGULA_RETURN_IF_ERROR(AddResults(number, answer, index));
    frames = options_.all_frames ? answer.dicom().frame_count() : 1;
  }
  if (stopping_) {
    return absl::CancelledError("stopping; it is begun anew at the next start");
  }
  LINGULA_RETURN_IF_ERROR(spool_.Segmented(number));
  log::Info("segmented", {{"number", number}, {"results", index}});
  return absl::OkStatus();
}

absl::Status Forwarder::AddResults(uint64_t number, const v1::SegmentResponse& answer, int& index) {
  const int before = index;
  for (const v1::Mask& mask : answer.masks()) {
    if (!mask.dicom_seg().empty()) {
      LINGULA_RETURN_IF_ERROR(spool_.AddResult(number, ++index, mask.dicom_seg()));
    }
  }
  if (index == before) {
    return absl::InternalError("the service answered without a DICOM segmentation");
  }
  if (!answer.structured_report().empty()) {
    LINGULA_RETURN_IF_ERROR(spool_.AddResult(number, ++index, answer.structured_report()));
  }
  return absl::OkStatus();
}

absl::Status Forwarder::Store(uint64_t number) {
  for (const std::string& result : spool_.ResultsOf(number)) {
    LINGULA_RETURN_IF_ERROR(doors_.store(result));
    LINGULA_RETURN_IF_ERROR(spool_.Stored(number, result));
  }
  log::Info("stored", {{"number", number}});
  return absl::OkStatus();
}

}  // namespace lingula::node
