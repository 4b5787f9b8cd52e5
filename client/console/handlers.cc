#include "client/console/handlers.h"

#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/answer_text.h"
#include "client/console/limits.h"
#include "client/console/page_answer.h"
#include "client/console/problems.h"
#include "client/explain_calls.h"
#include "client/explain_pictures.h"
#include "model/base/clock.h"
#include "model/base/status_macros.h"
#include "model/base/zones.h"

namespace lingula::console {
namespace {

using nlohmann::json;

HttpReply JsonReply(const json& value) {
  return {200, "application/json", value.dump(-1, ' ', false, json::error_handler_t::replace)};
}

absl::StatusOr<v1::ViewerLeft> LeftFrom(const std::string& text) {
  if (text.empty()) {
    return v1::VIEWER_LEFT_UNSPECIFIED;
  }
  if (text == "patient-right") {
    return v1::VIEWER_LEFT_IS_PATIENT_RIGHT;
  }
  if (text == "patient-left") {
    return v1::VIEWER_LEFT_IS_PATIENT_LEFT;
  }
  return absl::InvalidArgumentError("left: must be patient-right, patient-left or empty");
}

absl::StatusOr<v1::SegmentRequest> RequestFrom(const HttpRequest& http, const std::string& file) {
  if (file.size() > kMaxImageBytes) {
    return absl::OutOfRangeError(
        absl::StrCat("a picture may have ", kMaxImageBytes >> 20, " MB at most"));
  }
  v1::SegmentRequest request;
  request.mutable_image()->set_encoded(file);
  request.set_model(http.Get("model"));
  LINGULA_ASSIGN_OR_RETURN(const v1::ViewerLeft left, LeftFrom(http.Get("left")));
  request.set_viewer_left(left);
  if (const std::string frame = http.Get("frame"); !frame.empty()) {
    uint32_t number = 0;
    if (!absl::SimpleAtoi(frame, &number) || number == 0) {
      return absl::InvalidArgumentError("frame: must be a number from 1");
    }
    request.mutable_image()->set_frame_number(number);
  }
  request.set_want_location_text(true);
  request.add_mask_formats(v1::MASK_FORMAT_POLYGONS);
  request.add_mask_formats(v1::MASK_FORMAT_PROBABILITIES_UINT8);
  return request;
}

absl::StatusOr<HttpReply> SegmentOrNot(Service& service, const HttpRequest& http,
                                       const std::string& file) {
  LINGULA_ASSIGN_OR_RETURN(const v1::SegmentRequest request, RequestFrom(http, file));
  LINGULA_ASSIGN_OR_RETURN(Client * client, service.Reach());
  const Instant start = Clock::Real().Now();
  LINGULA_ASSIGN_OR_RETURN(v1::SegmentResponse answer,
                           cli::AskWithSecondOpinion(*client, request, service.options().deadline));
  const std::chrono::microseconds round_trip(MicrosBetween(start, Clock::Real().Now()));
  return HttpReply{200, "application/octet-stream", PageAnswer(std::move(answer), round_trip)};
}

absl::StatusOr<HttpReply> PictureOrNot(Service& service, const HttpRequest& http,
                                       const std::string& file) {
  LINGULA_ASSIGN_OR_RETURN(const v1::SegmentRequest request, RequestFrom(http, file));
  LINGULA_ASSIGN_OR_RETURN(Client * client, service.Reach());
  LINGULA_ASSIGN_OR_RETURN(std::string png,
                           cli::PictureAsServed(*client, request, service.options().deadline));
  return HttpReply{200, "image/png", std::move(png)};
}

// `call` of the service, its answer as JSON.
template <typename Call>
HttpReply Ask(Service& service, const Call& call) {
  const absl::StatusOr<Client*> client = service.Reach();
  if (!client.ok()) {
    return ProblemReply(client.status());
  }
  const auto answer = call(**client);
  return answer.ok() ? HttpReply{200, "application/json", cli::ToJson(*answer)}
                     : ProblemReply(answer.status());
}

HttpReply OrProblem(absl::StatusOr<HttpReply> reply) {
  return reply.ok() ? *std::move(reply) : ProblemReply(reply.status());
}

}  // namespace

HttpReply About(const Service& service) {
  return JsonReply({{"server", service.options().target},
                    {"max_image_bytes", kMaxImageBytes},
                    {"max_video_bytes", kMaxVideoBytes},
                    {"ramp", cli::kProbabilityRamp},
                    {"zones",
                     {{"upper_end", kUpperZoneEnd},
                      {"middle_end", kMiddleZoneEnd},
                      {"midline", kZoneMidline},
                      {"threshold", kZoneThreshold}}}});
}

HttpReply Status(Service& service) {
  const absl::StatusOr<Client*> client = service.Reach();
  if (client.ok()) {
    return JsonReply({{"serving", true}});
  }
  return JsonReply({{"serving", false}, {"problem", json::parse(ProblemJson(client.status()))}});
}

HttpReply Models(Service& service) {
  return Ask(service, [](Client& client) { return client.ListModels(); });
}

HttpReply Card(Service& service, const HttpRequest& request) {
  return Ask(service, [&](Client& client) { return client.GetModel(request.Get("model")); });
}

HttpReply Segment(Service& service, const HttpRequest& request, const std::string& file) {
  return OrProblem(SegmentOrNot(service, request, file));
}

HttpReply Picture(Service& service, const HttpRequest& request, const std::string& file) {
  return OrProblem(PictureOrNot(service, request, file));
}

}  // namespace lingula::console
