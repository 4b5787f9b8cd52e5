#include "server/service/stream_session.h"

#include "model/base/status_macros.h"
#include "server/service/errors.h"
#include "server/service/segment_job.h"

namespace lingula {
namespace {

constexpr uint32_t kLongestAge_ms = 60'000;
constexpr float kStrongestSmoothing = 0.95F;

// While one frame's mask is made, the next is decoded and one more is on its way in. A camera's
// picture should not wait behind many, so FRESHEST holds fewer; receipts of frames that gave way
// cost little, and this many are two seconds of a camera.
constexpr int kEveryFrame = 4;
constexpr int kFreshest = 2;
constexpr int kReceipts = 64;

absl::Status CheckFields(const v1::StreamSettings& settings) {
  FieldProblems problems;
  if (!v1::StreamPolicy_IsValid(settings.policy())) {
    problems.Add("settings.policy", "is not a known policy");
  }
  if (settings.max_frame_age_ms() > kLongestAge_ms) {
    problems.Add("settings.max_frame_age_ms", "must be at most 60000; 0 for no limit");
  }
  // Written so that NaN is refused.
  if (!(settings.smoothing() >= 0 && settings.smoothing() <= kStrongestSmoothing)) {
    problems.Add("settings.smoothing", "must be in [0, 0.95]");
  }
  return problems.status();
}

v1::SegmentRequest RequestFrom(const v1::StreamSettings& settings) {
  v1::SegmentRequest request;
  request.set_model(settings.model());
  request.set_modality(settings.modality());
  *request.mutable_guidance() = settings.guidance();
  *request.mutable_mask_formats() = settings.mask_formats();
  if (settings.has_threshold()) {
    request.set_threshold(settings.threshold());
  }
  request.set_want_location_text(settings.want_location_text());
  request.set_viewer_left(settings.viewer_left());
  return request;
}

FrameWindow::Options WindowFrom(const v1::StreamSettings& settings) {
  FrameWindow::Options options;
  options.freshest = settings.policy() == v1::STREAM_POLICY_FRESHEST;
  options.max_in_flight = options.freshest ? kFreshest : kEveryFrame;
  options.max_held = options.max_in_flight + (options.freshest ? kReceipts : 0);
  if (settings.smoothing() > 0) {
    options.max_in_flight = 1;  // each mask needs the one before
  }
  if (settings.max_frame_age_ms() > 0) {
    options.max_age = std::chrono::milliseconds(settings.max_frame_age_ms());
  }
  return options;
}

}  // namespace

absl::StatusOr<StreamSession> SessionFrom(const v1::StreamSettings& settings,
                                          const ModelTable& models) {
  LINGULA_RETURN_IF_ERROR(CheckFields(settings));
  StreamSession session;
  session.request = RequestFrom(settings);
  session.window = WindowFrom(settings);
  session.smoothing = settings.smoothing();
  // All that is checked without pixels is checked here, on a request with a stand-in for the image.
  v1::SegmentRequest whole = session.request;
  whole.mutable_image()->set_encoded("-");
  LINGULA_RETURN_IF_ERROR(JobFrom(whole, models).status());
  return session;
}

}  // namespace lingula
