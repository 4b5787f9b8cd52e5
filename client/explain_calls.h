// The calls behind a page about one image.
#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::cli {

// Segments with a second opinion, or without one where the model has none.
absl::StatusOr<v1::SegmentResponse> AskWithSecondOpinion(Client& client, v1::SegmentRequest request,
                                                         std::chrono::milliseconds deadline);

// What an image of a kind that is not read here looks like to the server, as a PNG file: its
// overlay of a mask in which nothing is. The request's mask formats and threshold do not count.
absl::StatusOr<std::string> PictureAsServed(Client& client, v1::SegmentRequest request,
                                            std::chrono::milliseconds deadline);

}  // namespace lingula::cli
