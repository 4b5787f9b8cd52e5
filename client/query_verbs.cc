#include "client/query_verbs.h"

#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/answer_text.h"

namespace lingula::cli {
namespace {

int Failed(const absl::Status& status, std::ostream& err) {
  err << InWords(status) << "\n";
  return absl::IsUnavailable(status) ? kNotReachable : kSomeFailed;
}

std::string ModalityText(v1::Modality modality) {
  const std::string name = v1::Modality_Name(modality);
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(name, "MODALITY_")),
                             {{"_", " "}});
}

// The first Dice figure with the data that it was measured on.
std::string DiceText(const v1::Model& model) {
  for (const v1::Score& score : model.scores()) {
    if (score.metric() == "dice") {
      return absl::StrFormat("%.3f on %s (%d)", score.value(), score.data(), score.images());
    }
  }
  return "-";
}

}  // namespace

int ListModels(Client& client, const ServerOptions& server, bool json, std::ostream& out,
               std::ostream& err) {
  const absl::StatusOr<v1::ListModelsResponse> list = client.ListModels(server.deadline);
  if (!list.ok()) {
    return Failed(list.status(), err);
  }
  if (json) {
    out << ToJson(*list) << "\n";
    return kAllWell;
  }
  std::vector<std::vector<std::string>> rows = {
      {"model", "default", "family", "modality", "input", "threshold", "Dice", "licence"}};
  for (const v1::Model& model : list->models()) {
    rows.push_back({absl::StrCat(model.identity().name(), "@", model.identity().version()),
                    model.is_default() ? "yes" : "-", model.identity().family(),
                    ModalityText(model.modality()),
                    absl::StrFormat("%dx%d %s", model.input().side_px(), model.input().side_px(),
                                    model.input().channels() == 1 ? "grey" : "RGB"),
                    absl::StrFormat("%g", model.threshold()), DiceText(model), model.license()});
  }
  out << Aligned(rows);
  return kAllWell;
}

int Health(Client& client, const ServerOptions& server, const HealthOptions& options,
           std::ostream& out, std::ostream& err) {
  const absl::StatusOr<Client::Serving> serving = client.Health(options.service, server.deadline);
  if (!serving.ok()) {
    return Failed(serving.status(), err);
  }
  out << grpc::health::v1::HealthCheckResponse::ServingStatus_Name(*serving) << "\n";
  const bool well = options.alive || *serving == grpc::health::v1::HealthCheckResponse::SERVING;
  return well ? kAllWell : kSomeFailed;
}

}  // namespace lingula::cli
