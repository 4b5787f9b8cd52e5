// lingula-audit verify|export|show FILE...: judges the files of an audit log, or reads them. Exit
// code 0 all well, 1 a broken log, 2 usage.
#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "server/audit/fhir.h"
#include "server/audit/file_head.h"
#include "server/audit/verify.h"

namespace lingula {
namespace {

constexpr int kBroken = 1;
constexpr int kUsage = 2;
constexpr size_t kMostShown = 100;

struct Arguments {
  std::vector<std::string> files;
  std::string key, format = "fhir", request_id, instance, code;
  std::vector<std::string> anchors;
};

int Refuse(const absl::Status& status) {
  std::cerr << "lingula-audit: " << status.message() << "\n";
  return kUsage;
}

absl::StatusOr<std::optional<AuditKeys>> ReadKeys(const Arguments& arguments) {
  if (arguments.key.empty()) {
    return std::nullopt;
  }
  LINGULA_ASSIGN_OR_RETURN(AuditKeys keys, ReadAuditKeys(arguments.key));
  return keys;
}

void PrintVerdict(const AuditVerdict& verdict, bool with_key, bool with_anchor) {
  for (size_t i = 0; i < std::min(kMostShown, verdict.problems.size()); ++i) {
    std::cout << "BROKEN " << verdict.problems[i] << "\n";
  }
  if (verdict.problems.size() > kMostShown) {
    std::cout << "BROKEN in " << verdict.problems.size() - kMostShown << " more places\n";
  }
  for (const std::string& note : verdict.notes) {
    std::cout << "note   " << note << "\n";
  }
  if (!with_key) {
    std::cout << "note   macs were not checked: who can write these files could have made them "
                 "anew. Give --key\n";
  }
  if (!with_anchor) {
    std::cout << "note   that no newer lines were cut off at the end cannot be seen from the files "
                 "alone. Give --anchor\n";
  }
  std::cout << (verdict.is_good() ? "good" : "BROKEN") << ": " << verdict.lines << " lines, "
            << verdict.inferences << " inferences, anchor " << verdict.last.Anchor() << "\n";
}

int Verify(const Arguments& arguments) {
  const auto keys = ReadKeys(arguments);
  if (!keys.ok()) {
    return Refuse(keys.status());
  }
  std::vector<AuditAnchor> anchors;
  for (const std::string& text : arguments.anchors) {
    const auto anchor = ParseAnchor(text);
    if (!anchor.ok()) {
      return Refuse(anchor.status());
    }
    anchors.push_back(*anchor);
  }
  const auto verdict = VerifyAuditLog(
      arguments.files, [](const std::string& name) { return ReadFile(name); }, *keys, anchors);
  if (!verdict.ok()) {
    return Refuse(verdict.status());
  }
  PrintVerdict(*verdict, keys->has_value(), !anchors.empty());
  return verdict->is_good() ? 0 : kBroken;
}

// The log's name, from a file's first line.
std::string ChainOf(const std::vector<absl::string_view>& lines) {
  const auto first = ParseLine(lines.front());
  return first.ok() ? ParseHead(*first).value_or(FileHead()).chain : "";
}

// Calls `use` with each whole line and the name of its log, until it fails.
template <typename Use>
int ForEachLine(const std::vector<std::string>& files, const Use& use) {
  for (const std::string& file : files) {
    const auto content = ReadFile(file);
    if (!content.ok()) {
      return Refuse(content.status());
    }
    std::vector<absl::string_view> lines = absl::StrSplit(*content, '\n');
    const std::string chain = ChainOf(lines);
    lines.pop_back();
    for (size_t i = 0; i < lines.size(); ++i) {
      if (const absl::Status status = use(lines[i], chain); !status.ok()) {
        std::cerr << "lingula-audit: " << file << ":" << i + 1 << ": " << status.message() << "\n";
        return kBroken;
      }
    }
  }
  return 0;
}

int Export(const Arguments& arguments) {
  return ForEachLine(arguments.files, [](absl::string_view line, const std::string& chain) {
    LINGULA_ASSIGN_OR_RETURN(const std::string resource, FhirAuditEvent(line, chain));
    if (!resource.empty()) {
      std::cout << resource << "\n";
    }
    return absl::OkStatus();
  });
}

// A field as it stands in a line; empty: any will do.
std::string Field(absl::string_view name, const std::string& value) {
  return value.empty() ? "" : absl::StrCat(",\"", name, "\":\"", value, "\"");
}

int Show(const Arguments& arguments) {
  const auto keys = ReadKeys(arguments);
  if (!keys.ok()) {
    return Refuse(keys.status());
  }
  const auto hashed = [&](const std::string& id) {
    return id.empty() ? "" : HmacHex((*keys)->identity, id);
  };
  if (!keys->has_value() && !(arguments.request_id + arguments.instance).empty()) {
    return Refuse(absl::InvalidArgumentError(
        "--request-id and --instance need --key: the log holds only keyed hashes of them"));
  }
  const std::string wanted[] = {Field("request", hashed(arguments.request_id)),
                                Field("instance", hashed(arguments.instance)),
                                Field("code", arguments.code)};
  return ForEachLine(arguments.files, [&](absl::string_view line, const std::string&) {
    LINGULA_RETURN_IF_ERROR(ParseLine(line).status());
    if (std::all_of(std::begin(wanted), std::end(wanted),
                    [line](const std::string& field) { return absl::StrContains(line, field); })) {
      std::cout << line << "\n";
    }
    return absl::OkStatus();
  });
}

// Sets `verb` to what the command line asks for.
void Define(CLI::App& app, Arguments& arguments, int (*&verb)(const Arguments&)) {
  const auto add = [&](const char* name, const char* what, int (*run)(const Arguments&)) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option("FILE", arguments.files, "Files of one log, in any order")->required();
    sub->callback([&verb, run] { verb = run; });
    return sub;
  };
  CLI::App* verify = add("verify", "Find what was changed, deleted, put in or moved", Verify);
  CLI::App* show = add("show", "Print lines", Show);
  CLI::App* fhir =
      add("export", "Print the log as other programs read it, one object a line", Export);
  for (CLI::App* sub : {verify, show}) {
    sub->add_option("--key", arguments.key, "The key file of the server");
  }
  verify
      ->add_option("--anchor", arguments.anchors,
                   "SEQ:HASH of a line that was seen earlier; may be given again")
      ->allow_extra_args(false);  // or it would take the files
  fhir->add_option("--format", arguments.format, "fhir: R4 AuditEvent")
      ->check(CLI::IsMember({"fhir"}));
  show->add_option("--request-id", arguments.request_id, "Only of this request");
  show->add_option("--instance", arguments.instance, "Only of this SOP Instance UID");
  show->add_option("--code", arguments.code, "Only with this outcome: OK, UNAVAILABLE, ...");
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::Arguments arguments;
  int (*verb)(const lingula::Arguments&) = nullptr;
  CLI::App app("Judges and reads audit logs of lingula-server.");
  app.require_subcommand(1);
  lingula::Define(app, arguments, verb);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : lingula::kUsage;
  }
  return verb(arguments);
}
