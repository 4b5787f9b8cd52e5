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
    : options_(options), doors_(std::move(doors)), spool_(spool) {}

void Forwarder::SegmentLoop() {
  Loop(
      "segment", [this] { return spool_.ToSegment(); },
      [this](uint64_t number) { return Segment(number); });
}

void Forwarder::StoreLoop() {
  Loop(
      "store", [this] { return spool_.ToStore(); },
      [this](uint64_t number) { return Store(number); });
}

void Forwarder::Stop() {
  stopping_ = true;
  spool_.WakeAll();
}

// Works on what waits, oldest first. One that fails by itself steps back behind the others; when
// the other side is away, all wait.
void Forwarder::Loop(const char* step, const std::function<std::vector<uint64_t>()>& waiting,
                     const std::function<absl::Status(uint64_t)>& work) {
  Troubles troubles;
  int away = 0;  // failures in a row that are nobody's own
  while (!stopping_) {
    bool worked = false;
    for (const uint64_t number : waiting()) {
      const auto trouble = troubles.find(number);
      if (stopping_ ||
          (trouble != troubles.end() && Clock::Real().Now() < trouble->second.not_before)) {
        continue;
      }
      const absl::Status done = work(number);
      worked = true;
      if (done.ok()) {
        troubles.erase(number);
        away = 0;
      } else if (IsAway(done)) {
        const auto wait = WaitAfter(away++);
        log::Warning("waiting", {{"step", step},
                                 {"number", number},
                                 {"wait_ms", wait.count()},
                                 {"reason", done.message()}});
        const Instant until = Clock::Real().Now() + wait;
        while (!stopping_ && Clock::Real().Now() < until) {
          spool_.WaitForChange(
              std::min<std::chrono::nanoseconds>(until - Clock::Real().Now(), kIdleWait));
        }
        break;
      } else if (HandleFailure(step, number, done, troubles)) {
        troubles.erase(number);
      }
    }
    if (!worked && !stopping_) {
      spool_.WaitForChange(kIdleWait);
    }
  }
}

std::chrono::milliseconds Forwarder::WaitAfter(int failures) const {
  const auto doubled = options_.first_wait * (int64_t{1} << std::min(failures, 20));
  return std::min<std::chrono::milliseconds>(doubled, options_.longest_wait);
}

// True when the picture was put aside.
bool Forwarder::HandleFailure(const char* step, uint64_t number, const absl::Status& why,
                              Troubles& troubles) {
  Trouble& trouble = troubles[number];
  trouble.not_before = Clock::Real().Now() + WaitAfter(trouble.in_a_row++);
  if (!IsForGood(why) && ++trouble.attempts < options_.max_attempts) {
    log::Warning(
        "failed, will try again",
        {{"step", step}, {"number", number}, {"code", absl::StatusCodeToString(why.code())}});
    return false;
  }
  log::Error("refused for good",
             {{"step", step}, {"number", number}, {"code", absl::StatusCodeToString(why.code())}});
  const absl::Status aside = spool_.Refuse(
      number, absl::StrCat(step, ": ", absl::StatusCodeToString(why.code()), ": ", why.message()));
  if (!aside.ok()) {
    log::Error("cannot be put aside", {{"number", number}, {"reason", aside.message()}});
  }
  return aside.ok();
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
