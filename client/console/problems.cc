#include "client/console/problems.h"

#include <nlohmann/json.hpp>

namespace lingula::console {

Problem ProblemOf(absl::StatusCode code) {
  using Code = absl::StatusCode;
  switch (code) {
    case Code::kInvalidArgument:
      return {400, "The server cannot use this file.",
              "Choose a chest X-ray or an endoscopy picture as PNG, JPEG or DICOM, or a video."};
    case Code::kOutOfRange:
      return {413, "This is more than the server takes.",
              "Export a smaller picture, or choose a frame that the file has."};
    case Code::kUnimplemented:
      return {415, "Files of this kind cannot be read yet.",
              "Export the picture as PNG, JPEG or another DICOM encoding."};
    case Code::kNotFound:
      return {404, "The server no longer has this model.", "Choose another one at the top."};
    case Code::kFailedPrecondition:
      return {409, "This model cannot do that.", "Choose another one at the top."};
    case Code::kResourceExhausted:
      return {503, "The server has more to do than it can.", "Try again in a moment."};
    case Code::kUnavailable:
    case Code::kCancelled:
      return {
          503, "The server does not answer.",
          "The page goes on by itself once it is back. If that takes long, tell whoever runs it."};
    case Code::kDeadlineExceeded:
      return {504, "The server took too long.",
              "Try again. If it happens often, tell whoever runs the server."};
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return {403, "The server does not let this console in.",
              "Whoever started lingula-console must give it a certificate or token that may "
              "segment."};
    default:
      return {500, "Something went wrong on our side.",
              "Try again. If it happens again, tell whoever runs the server."};
  }
}

std::string ProblemJson(const absl::Status& status) {
  const Problem problem = ProblemOf(status.code());
  // Replaced, not thrown: a message may quote bytes of a file.
  return nlohmann::json{{"code", absl::StatusCodeToString(status.code())},
                        {"sentence", problem.sentence},
                        {"advice", problem.advice},
                        {"detail", std::string(status.message())}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpReply ProblemReply(const absl::Status& status) {
  return {ProblemOf(status.code()).http_status, "application/json", ProblemJson(status)};
}

}  // namespace lingula::console
