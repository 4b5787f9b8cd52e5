#include "client/admin_verbs.h"

#include <map>
#include <ostream>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/answer_text.h"
#include "client/segment_options.h"
#include "client/server_arguments.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

constexpr int kLongestDeadline_ms = 3600 * 1000;

std::string StateText(v1::ModelState state) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::ModelState_Name(state), "MODEL_STATE_"));
}

// "name, @stable": by what it can be called beside its version.
std::string CalledText(const v1::ModelStatus& model) {
  std::vector<std::string> called;
  if (model.answers_to_name()) {
    called.push_back(model.name());
  }
  for (const std::string& alias : model.aliases()) {
    called.push_back(absl::StrCat("@", alias));
  }
  return called.empty() ? "-" : absl::StrJoin(called, ", ");
}

std::string IdOf(const v1::ModelStatus& model) {
  return absl::StrCat(model.name(), "@", model.version());
}

// Prints `line` when all is well.
template <typename Response>
absl::Status Say(const absl::StatusOr<Response>& response, std::ostream& out,
                 const std::string& line) {
  if (response.ok()) {
    out << line << "\n";
  }
  return response.status();
}

}  // namespace

AdminVerbs::AdminVerbs(CLI::App& app) {
  CLI::App* admin = app.add_subcommand("admin", "Change what a server serves (its admin_port)");
  admin->require_subcommand(1);
  admin->add_option("--server", target_, "Admin port, HOST:PORT")->capture_default_str();
  admin->add_option("--deadline-ms", deadline_ms_, "Longest time for one call; loading takes long")
      ->check(CLI::Range(1, kLongestDeadline_ms))
      ->capture_default_str();
  AddSecurity(*admin, security_);
  AddModelVerbs(*admin);
  AddRouteVerbs(*admin);
  AddShadowVerbs(*admin);
}

int AdminVerbs::Run(std::ostream& out, std::ostream& err) {
  const auto client =
      AdminClient::Open(target_, security_, std::chrono::milliseconds(deadline_ms_));
  const absl::Status status = client.ok() ? action_(**client, out) : client.status();
  if (status.ok()) {
    return kAllWell;
  }
  err << absl::StatusCodeToString(status.code()) << ": " << status.message() << "\n";
  return absl::IsUnavailable(status) ? kNotReachable : kSomeFailed;
}

CLI::App* AdminVerbs::Add(CLI::App& parent, const char* name, const char* what, Action action) {
  CLI::App* verb = parent.add_subcommand(name, what);
  verb->fallthrough();  // --server may stand behind the verb
  verb->callback([this, action = std::move(action)] { action_ = action; });
  return verb;
}

std::string AdminVerbs::Name() const {
  return model_.substr(0, model_.find('@'));
}

std::string AdminVerbs::Version() const {
  const size_t at = model_.find('@');
  return at == std::string::npos ? "" : model_.substr(at + 1);
}

void AdminVerbs::AddModelVerbs(CLI::App& admin) {
  CLI::App* status = Add(admin, "status", "List versions and their states",
                         [this](auto& client, auto& out) { return Status(client, out); });
  status->add_option("NAME", model_, "Only versions of this name");
  status->add_flag("--json", json_, "JSON instead of a table");

  CLI::App* load =
      Add(admin, "load", "Load a version; it takes its name over", [this](auto& client, auto& out) {
        v1::LoadModelRequest request;
        request.set_name(Name());
        request.set_version(Version());
        request.set_hold_back(hold_back_);
        const auto loaded = client.Call(request);
        return Say(loaded, out, loaded.ok() ? absl::StrCat("loaded ", IdOf(loaded->model())) : "");
      });
  load->add_option("MODEL", model_, "NAME (the highest version) or NAME@VERSION")->required();
  load->add_flag("--hold-back", hold_back_, "It answers to NAME@VERSION only");

  CLI::App* reload =
      Add(admin, "reload", "Read a loaded version anew", [this](auto& client, auto& out) {
        v1::ReloadModelRequest request;
        request.set_name(Name());
        request.set_version(Version());
        const auto loaded = client.Call(request);
        return Say(loaded, out,
                   loaded.ok() ? absl::StrCat("reloaded ", IdOf(loaded->model())) : "");
      });
  reload->add_option("MODEL", model_, "NAME (the one it leads to) or NAME@VERSION")->required();

  CLI::App* unload = Add(admin, "unload", "Take a version out", [this](auto& client, auto& out) {
    v1::UnloadModelRequest request;
    request.set_name(Name());
    request.set_version(Version());
    request.set_force(force_);
    return Say(client.Call(request), out, absl::StrCat("unloaded ", model_));
  });
  unload->add_option("MODEL", model_, "NAME@VERSION")->required();
  unload->add_flag("--force", force_, "Even when aliases or a default lead to it");
}

void AdminVerbs::AddRouteVerbs(CLI::App& admin) {
  static const auto& modalities = *new std::map<std::string, v1::Modality>{
      {"chest-xray", v1::MODALITY_CHEST_XRAY}, {"endoscopy", v1::MODALITY_ENDOSCOPY}};
  CLI::App* serve =
      Add(admin, "serve", "Let a name lead to this version", [this](auto& client, auto& out) {
        v1::SetServingVersionRequest request;
        request.set_name(Name());
        request.set_version(Version());
        return Say(client.Call(request), out, absl::StrCat(Name(), " leads to ", model_));
      });
  serve->add_option("MODEL", model_, "NAME@VERSION")->required();

  CLI::App* chosen = Add(
      admin, "default", "Where requests go that name no model", [this](auto& client, auto& out) {
        default_.set_model(model_);
        return Say(client.Call(default_), out, absl::StrCat("default: ", model_));
      });
  chosen->add_option("MODEL", model_, "NAME, NAME@VERSION or NAME@ALIAS")->required();
  chosen
      ->add_option_function<v1::Modality>(
          "--modality", [this](v1::Modality modality) { default_.set_modality(modality); },
          "Of which modality; default: of requests that name none either")
      ->transform(CLI::CheckedTransformer(modalities).description(""))
      ->type_name("chest-xray|endoscopy");

  CLI::App* alias =
      Add(admin, "alias", "Let NAME@ALIAS stand for a version", [this](auto& client, auto& out) {
        v1::SetAliasRequest request;
        request.set_name(Name());
        request.set_version(Version());
        request.set_alias(alias_);
        return Say(client.Call(request), out,
                   absl::StrCat(Name(), "@", alias_, " leads to ", model_));
      });
  alias->add_option("MODEL", model_, "NAME@VERSION")->required();
  alias->add_option("ALIAS", alias_, "stable, canary, ...")->required();

  CLI::App* unalias = Add(admin, "unalias", "Remove an alias", [this](auto& client, auto& out) {
    v1::RemoveAliasRequest request;
    request.set_name(Name());
    request.set_alias(Version());
    return Say(client.Call(request), out, absl::StrCat("removed ", model_));
  });
  unalias->add_option("MODEL", model_, "NAME@ALIAS")->required();

  CLI::App* rollback = Add(admin, "rollback", "Undo the last change of what leads to a name",
                           [this](auto& client, auto& out) {
                             v1::RollbackRequest request;
                             request.set_name(model_);
                             const auto done = client.Call(request);
                             return Say(done, out,
                                        done.ok() ? absl::StrCat(model_, " leads to ", model_, "@",
                                                                 done->serving_version())
                                                  : "");
                           });
  rollback->add_option("NAME", model_)->required();
}

absl::Status AdminVerbs::Status(AdminClient& client, std::ostream& out) const {
  v1::GetStatusRequest request;
  request.set_name(model_);
  LINGULA_ASSIGN_OR_RETURN(const v1::GetStatusResponse response, client.Call(request));
  if (json_) {
    out << ToJson(response) << "\n";
    return absl::OkStatus();
  }
  std::vector<std::vector<std::string>> rows = {
      {"model", "state", "called", "default", "held back", "reason"}};
  for (const v1::ModelStatus& model : response.models()) {
    rows.push_back({IdOf(model), StateText(model.state()), CalledText(model),
                    model.is_default() ? "yes" : "-", model.held_back() ? "yes" : "-",
                    model.reason().empty() ? "-" : model.reason()});
  }
  out << Aligned(rows);
  return absl::OkStatus();
}

}  // namespace lingula::cli
