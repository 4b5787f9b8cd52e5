#include "client/explain_verb.h"

#include <filesystem>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/answer_text.h"
#include "client/explain_calls.h"
#include "client/explain_page.h"
#include "client/input_files.h"
#include "client/mask_shapes.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/image/pixels.h"

namespace lingula::cli {
namespace {

class Explainer {
 public:
  Explainer(Client& client, const ServerOptions& server, const ExplainOptions& options)
      : client_(client), server_(server), options_(options) {}

  absl::StatusOr<std::string> Page() {
    LINGULA_ASSIGN_OR_RETURN(const std::string file, ReadFile(options_.input));
    v1::SegmentRequest request;
    request.mutable_image()->set_encoded(file);
    request.mutable_image()->set_frame_number(options_.frame);
    request.set_model(options_.model);
    request.set_want_location_text(true);
    request.set_viewer_left(options_.viewer_left);
    request.add_mask_formats(v1::MASK_FORMAT_POLYGONS);
    request.add_mask_formats(v1::MASK_FORMAT_PROBABILITIES_UINT8);
    PageInput input;
    input.name = std::filesystem::path(options_.input).filename().string();
    input.viewer_left = options_.viewer_left;
    LINGULA_ASSIGN_OR_RETURN(input.answer,
                             AskWithSecondOpinion(client_, request, server_.deadline));
    const v1::Mask* probabilities =
        FindMask(input.answer.masks(), v1::MASK_FORMAT_PROBABILITIES_UINT8);
    if (probabilities == nullptr) {
      return absl::InternalError("the server sent no probabilities");
    }
    LINGULA_ASSIGN_OR_RETURN(input.probabilities, ProbabilityPicture(*probabilities));
    LINGULA_ASSIGN_OR_RETURN(input.picture, Picture(file, request));
    return ExplainPage(input);
  }

 private:
  // What the image looks like.
  absl::StatusOr<PagePicture> Picture(const std::string& file, const v1::SegmentRequest& request) {
    if (ReadImageHeader(file).ok()) {
      return PictureOf(file);
    }
    LINGULA_ASSIGN_OR_RETURN(const std::string png,
                             PictureAsServed(client_, request, server_.deadline));
    return PictureOf(png);
  }

  Client& client_;
  const ServerOptions& server_;
  const ExplainOptions& options_;
};

}  // namespace

int Explain(Client& client, const ServerOptions& server, const ExplainOptions& options,
            std::ostream& out, std::ostream& err) {
  const auto page = Explainer(client, server, options).Page();
  if (!page.ok()) {
    err << options.input << ": " << InWords(page.status()) << "\n";
    return absl::IsUnavailable(page.status()) ? kNotReachable : kSomeFailed;
  }
  const absl::Status written = WriteFile(options.page, *page);
  if (!written.ok()) {
    err << written.message() << "\n";
    return kSomeFailed;
  }
  out << options.page << "\n";
  return kAllWell;
}

}  // namespace lingula::cli
