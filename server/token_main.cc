// lingula-token: makes a caller's token and the entry by which a server knows it.
// Exit code 0 made, 1 it could not be written, 2 usage.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "server/security/callers.h"
#include "server/security/token.h"

namespace lingula {
namespace {

// For its owner's eyes only. An older file is not replaced: its token may be in use.
absl::Status WriteSecret(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) {
    return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return close(file) == 0 && written ? absl::OkStatus()
                                     : absl::UnavailableError(absl::StrCat(path, ": not written"));
}

absl::Status Make(const std::string& name, const std::vector<std::string>& roles,
                  const std::string& out) {
  LINGULA_ASSIGN_OR_RETURN(const std::string token, MakeToken());
  std::string entry = absl::StrCat("callers {\n  name: \"", name, "\"\n");
  for (const std::string& role : roles) {
    absl::StrAppend(&entry, "  roles: ROLE_", absl::AsciiStrToUpper(role), "\n");
  }
  absl::StrAppend(&entry, "  token_sha256: \"", TokenHash(token), "\"\n}\n");
  LINGULA_RETURN_IF_ERROR(Callers::Parse(entry, "lingula-token").status());  // a bad name
  if (out.empty()) {
    std::cerr << "The token, which is kept nowhere and not shown again:\n" << token << "\n";
  } else {
    LINGULA_RETURN_IF_ERROR(WriteSecret(out, token + "\n"));
  }
  std::cout << entry;
  return absl::OkStatus();
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  std::string name, out;
  std::vector<std::string> roles;
  CLI::App app(
      "Makes a token and prints the entry for the server's file of callers, to be added with >>.");
  app.add_option("NAME", name, "The caller's name: A-Z a-z 0-9 . _ - @ /")->required();
  app.add_option("--role", roles, "What it may do; may be given more than once")
      ->required()
      ->check(CLI::IsMember({"segment", "read", "admin"}))
      ->type_name("segment|read|admin");
  app.add_option("--out", out, "Write the token into this new file instead of showing it")
      ->type_name("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status status = lingula::Make(name, roles, out);
  if (!status.ok()) {
    std::cerr << "lingula-token: " << status.message() << "\n";
    return absl::IsInvalidArgument(status) ? 2 : 1;
  }
  return 0;
}
