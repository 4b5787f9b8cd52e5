// `lingula admin shadow ...`.
#include <ostream>

#include <CLI/CLI.hpp>

#include "absl/strings/str_format.h"
#include "client/admin_verbs.h"
#include "client/answer_text.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

// A few lines: who is compared, the figures, and what is missing for a promotion.
std::string ShadowText(const v1::Shadow& shadow) {
  std::string text = absl::StrFormat(
      "%s beside %s, %s, share %.3g\n"
      "images %d, mean Dice %.4f, below %.2f: %d, errors %d, dropped %d, unsuitable %d\n"
      "forward pass %.1f ms, live %.1f ms\n",
      shadow.candidate(), shadow.live(), shadow.running() ? "running" : "ended", shadow.share(),
      shadow.images(), shadow.mean_dice(), shadow.gate().dice_floor(), shadow.below_floor(),
      shadow.errors(), shadow.dropped(), shadow.unsuitable(), shadow.mean_candidate_us() / 1000,
      shadow.mean_live_us() / 1000);
  for (const std::string& why : shadow.shortfalls()) {
    text += "not yet: " + why + "\n";
  }
  if (shadow.shortfalls().empty()) {
    text += "passes its gate\n";
  }
  return text;
}

// Prints the shadow that an answer holds.
template <typename Response>
absl::Status Show(const absl::StatusOr<Response>& response, bool json, std::ostream& out) {
  if (response.ok()) {
    out << (json ? ToJson(response->shadow()) + "\n" : ShadowText(response->shadow()));
  }
  return response.status();
}

}  // namespace

void AdminVerbs::AddShadowVerbs(CLI::App& admin) {
  CLI::App* shadow = admin.add_subcommand("shadow", "Compare a candidate on live pictures");
  shadow->require_subcommand(1);
  shadow->fallthrough();
  CLI::App* start = Add(*shadow, "start", "Begin; the candidate is loaded if need be",
                        [this](auto& client, auto& out) { return StartShadow(client, out); });
  start->add_option("MODEL", model_, "The candidate, NAME@VERSION")->required();
  start->add_option("--live", alias_, "Whom to compare it with; default: who answers now")
      ->type_name("MODEL");
  start->add_option("--share", share_, "Share of the live pictures")->capture_default_str();
  start->add_option_function<uint32_t>(
      "--min-images", [this](uint32_t value) { gate_.set_min_images(value); },
      "Fewest images before a promotion");
  start->add_option_function<double>(
      "--min-dice", [this](double value) { gate_.set_min_mean_dice(value); },
      "Lowest mean Dice for a promotion");
  start->add_option_function<double>(
      "--floor", [this](double value) { gate_.set_dice_floor(value); },
      "A mask with a lower Dice is different");
  start->add_option_function<double>(
      "--max-below", [this](double value) { gate_.set_max_share_below_floor(value); },
      "Largest share of different masks for a promotion");
  start->add_flag("--json", json_);
  CLI::App* status = Add(*shadow, "status", "The figures", [this](auto& client, auto& out) {
    return Show(client.Call(v1::GetShadowRequest()), json_, out);
  });
  status->add_flag("--json", json_);
  Add(*shadow, "stop", "End it; the candidate stays loaded", [this](auto& client, auto& out) {
    return Show(client.Call(v1::StopShadowRequest()), json_, out);
  });
  CLI::App* promote = Add(*shadow, "promote", "Let the candidate take calls, if it passes its gate",
                          [this](auto& client, auto& out) {
                            v1::PromoteShadowRequest request;
                            request.set_alias(alias_);
                            return Show(client.Call(request), json_, out);
                          });
  promote->add_option("--alias", alias_, "Point NAME@ALIAS to it instead of the bare name");
}

absl::Status AdminVerbs::StartShadow(AdminClient& client, std::ostream& out) {
  v1::StartShadowRequest request;
  request.set_name(Name());
  request.set_version(Version());
  request.set_live_model(alias_);
  request.set_share(share_);
  *request.mutable_gate() = gate_;
  return Show(client.Call(request), json_, out);
}

}  // namespace lingula::cli
