// SegmentRequest messages as they come off the wire, and what a stream begins with.
#include "server/service/segment_job.h"
#include "server/service/stream_session.h"
#include "tests/fuzz/target.h"
#include "tests/server/service/fake_models.h"

namespace lingula::fuzz {
namespace {

v1::SegmentRequest GoodRequest() {
  v1::SegmentRequest request;
  request.mutable_image()->set_encoded(test::GoodPng());
  return request;
}

// Any bytes are some SegmentRequest or none, and the settings of a stream share most field numbers'
// types; so both handlers see every input.
bool OpensStream(absl::string_view input) {
  v1::StreamSettings settings;
  if (!settings.ParseFromArray(input.data(), static_cast<int>(input.size()))) {
    return false;
  }
  const absl::StatusOr<StreamSession> session = SessionFrom(settings, test::OneModel());
  if (!session.ok()) {
    RequireMessage(session.status().message());
    return false;
  }
  Require(session->smoothing >= 0 && session->smoothing < 1, "smoothing is bounded");
  Require(session->window.max_in_flight > 0 && session->window.max_held < 100, "memory is bounded");
  return true;
}

}  // namespace

std::vector<std::string> Seeds() {
  v1::SegmentRequest file = GoodRequest();
  file.set_request_id("one");
  file.set_threshold(0.25F);
  file.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
  file.add_mask_formats(v1::MASK_FORMAT_PNG);
  file.set_want_location_text(true);
  file.set_locale("en");
  v1::SegmentRequest raw;
  raw.mutable_image()->mutable_raw()->set_width(UINT32_MAX);
  raw.mutable_image()->mutable_raw()->set_height(UINT32_MAX);
  raw.mutable_image()->mutable_raw()->set_stride_bytes(UINT32_MAX);
  raw.mutable_image()->mutable_raw()->set_data("pixels");
  v1::SegmentRequest report = GoodRequest();
  report.mutable_guidance()->set_report("no infection");
  report.set_model("xray@1");
  v1::StreamSettings stream;
  stream.set_model("xray");
  stream.set_policy(v1::STREAM_POLICY_FRESHEST);
  stream.set_max_frame_age_ms(1000);
  stream.set_smoothing(0.5F);
  return {file.SerializeAsString(), raw.SerializeAsString(), report.SerializeAsString(),
          stream.SerializeAsString()};
}

bool Accepts(absl::string_view input) {
  const bool opens = OpensStream(input);
  v1::SegmentRequest request;
  if (!request.ParseFromArray(input.data(), static_cast<int>(input.size()))) {
    return opens;
  }
  const absl::StatusOr<SegmentJob> job = JobFrom(request, test::OneModel());
  if (!job.ok()) {
    RequireMessage(job.status().message());
    return opens;
  }
  Require(job->model != nullptr, "a job has a model");
  Require(!job->forms.empty() && job->forms.size() <= 16, "forms are bounded");
  Require(job->threshold > 0 && job->threshold < 1, "the threshold is inside (0, 1)");
  Require(!job->request_id.empty() && job->request_id.size() <= 128, "ids are bounded");
  return true;
}

}  // namespace lingula::fuzz
