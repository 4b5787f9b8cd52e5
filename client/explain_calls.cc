#include "client/explain_calls.h"

#include <utility>

#include "client/mask_shapes.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

// No probability reaches it, or hardly any.
constexpr float kEmptyFrom = 0.9999999F;

}  // namespace

absl::StatusOr<v1::SegmentResponse> AskWithSecondOpinion(Client& client, v1::SegmentRequest request,
                                                         std::chrono::milliseconds deadline) {
  request.set_want_second_opinion(true);
  auto answer = client.Segment(request, deadline);
  if (answer.ok() || !absl::IsFailedPrecondition(answer.status())) {
    return answer;
  }
  request.set_want_second_opinion(false);
  return client.Segment(request, deadline);
}

absl::StatusOr<std::string> PictureAsServed(Client& client, v1::SegmentRequest request,
                                            std::chrono::milliseconds deadline) {
  request.clear_mask_formats();
  request.add_mask_formats(v1::MASK_FORMAT_OVERLAY_PNG);
  request.set_threshold(kEmptyFrom);
  LINGULA_ASSIGN_OR_RETURN(v1::SegmentResponse answer, client.Segment(request, deadline));
  if (FindMask(answer.masks(), v1::MASK_FORMAT_OVERLAY_PNG) == nullptr) {
    return absl::InternalError("the server sent no overlay");
  }
  return std::move(*answer.mutable_masks(0)->mutable_overlay_png());
}

}  // namespace lingula::cli
