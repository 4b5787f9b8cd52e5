// `lingula admin ...`: what is served, and changing it.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "absl/status/status.h"
#include "client/admin_client.h"

namespace CLI {
class App;
}

namespace lingula::cli {

// Words of the command line and what they ask for. Outlives the parser.
class AdminVerbs {
 public:
  // Adds `admin` and all below it to `app`.
  explicit AdminVerbs(CLI::App& app);
  AdminVerbs(const AdminVerbs&) = delete;
  AdminVerbs& operator=(const AdminVerbs&) = delete;

  // After parsing: true when `admin` was asked for.
  bool parsed() const { return action_ != nullptr; }
  // Returns an exit code (segment_options.h).
  int Run(std::ostream& out, std::ostream& err);

 private:
  using Action = std::function<absl::Status(AdminClient&, std::ostream&)>;

  // A verb below `parent` that does `action`.
  CLI::App* Add(CLI::App& parent, const char* name, const char* what, Action action);
  void AddModelVerbs(CLI::App& admin);
  void AddRouteVerbs(CLI::App& admin);
  void AddShadowVerbs(CLI::App& admin);
  absl::Status Status(AdminClient& client, std::ostream& out) const;
  absl::Status StartShadow(AdminClient& client, std::ostream& out);
  std::string Name() const;     // of model_
  std::string Version() const;  // of model_; empty: none given

  std::string target_ = "127.0.0.1:8501";
  ChannelSecurity security_;
  int deadline_ms_ = 120'000;
  std::string model_, alias_;  // alias_: of `shadow start`, the live model
  bool json_ = false, hold_back_ = false, force_ = false;
  v1::SetDefaultRequest default_;
  double share_ = 0.1;
  v1::ShadowGate gate_;
  Action action_;
};

}  // namespace lingula::cli
