#include "model/parity/run.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/base/clock.h"
#include "model/base/status_macros.h"

namespace lingula::parity {
namespace {

bool Matches(const Check& check, absl::string_view file) {
  absl::string_view name = check.file;
  return absl::ConsumeSuffix(&name, "*") ? absl::StartsWith(file, name) : file == name;
}

// Golden files that are there or should be: what tolerances.json names, every safetensors file, and
// what the table knows.
std::set<std::string> Candidates(const GoldenFolder& folder, const std::vector<Check>& checks) {
  std::set<std::string> files;
  for (const auto& [stem, tensors] : folder.tolerances()) {
    files.insert(stem + ".safetensors");
  }
  for (const std::string& name : folder.Listing()) {
    const bool known = FindCheck(checks, name) != nullptr;
    if (known || absl::EndsWith(name, ".safetensors")) {
      files.insert(name);
    }
  }
  std::set<std::string> groups;
  for (const Check& check : checks) {
    if (files.count(check.file) > 0 || (!check.companion.empty() && folder.Has(check.companion))) {
      files.insert(check.file);
      groups.insert(check.group);
    }
  }
  for (const Check& check : checks) {
    if (!check.group.empty() && groups.count(check.group) > 0) {
      files.insert(check.file);
    }
  }
  return files;
}

// The files to check, in the order of the table, strangers last.
std::vector<std::string> Wanted(const GoldenFolder& folder, const std::vector<Check>& checks) {
  std::set<std::string> rest = Candidates(folder, checks);
  std::vector<std::string> files;
  for (const Check& check : checks) {
    for (auto file = rest.begin(); file != rest.end();) {
      const bool mine = Matches(check, *file);
      if (mine) {
        files.push_back(*file);
      }
      file = mine ? rest.erase(file) : std::next(file);
    }
  }
  files.insert(files.end(), rest.begin(), rest.end());
  return files;
}

absl::Status CheckFile(const GoldenFolder& folder, const Check& check, const std::string& name,
                       std::vector<Row>& rows) {
  if (!check.companion.empty() && !folder.Has(check.companion)) {
    return absl::NotFoundError(check.companion + ": no such file, and it belongs to this one");
  }
  LINGULA_ASSIGN_OR_RETURN(FileCheck file, FileCheck::Open(folder, name));
  torch::NoGradGuard no_grad;
  absl::Status status;
  try {
    status = check.run(file);
  } catch (const std::exception& error) {  // Torch's; its first line says what happened
    const std::string what = error.what();
    status = absl::InternalError(what.substr(0, what.find('\n')));
  }
  file.Finish();
  rows = file.rows();
  if (status.ok() && rows.empty()) {
    return absl::InternalError("nothing was compared");
  }
  return status;
}

}  // namespace

const Check* FindCheck(const std::vector<Check>& checks, const std::string& file) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& check) { return Matches(check, file); });
  return found == checks.end() ? nullptr : &*found;
}

bool FileResult::ok() const {
  return status.ok() && std::all_of(rows.begin(), rows.end(), [](const Row& r) { return r.ok(); });
}

bool AllOk(const std::vector<FileResult>& results) {
  return !results.empty() &&
         std::all_of(results.begin(), results.end(), [](const FileResult& r) { return r.ok(); });
}

std::vector<FileResult> RunChecks(
    const GoldenFolder& folder, const std::vector<Check>& checks,
    const std::vector<std::string>& only,
    const std::function<void(absl::string_view file, int done, int total)>& before) {
  const std::vector<std::string> files = only.empty() ? Wanted(folder, checks) : only;
  std::vector<FileResult> results;
  for (const std::string& file : files) {
    if (before) {
      before(file, static_cast<int>(results.size()), static_cast<int>(files.size()));
    }
    const auto start = Clock::Real().Now();
    FileResult result;
    result.file = file;
    if (const Check* check = FindCheck(checks, file)) {
      result.status = CheckFile(folder, *check, file, result.rows);
    } else {
      result.status = absl::UnimplementedError("not checked: unknown");
    }
    result.seconds = std::chrono::duration<double>(Clock::Real().Now() - start).count();
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace lingula::parity
