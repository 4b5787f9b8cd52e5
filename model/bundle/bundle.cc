#include "model/bundle/bundle.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/base/zones.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using bundle::v1::Manifest;

constexpr int64_t kReportRows = int64_t{1} << kZones;
// Bounds on what is held in memory while nothing is known of a bundle yet.
constexpr int64_t kMaxManifestBytes = int64_t{1} << 20;
constexpr int64_t kMaxDocumentBytes = int64_t{16} << 20;
constexpr int64_t kMaxGoldenSamples = 64;  // they run at once when the bundle is loaded

// The folder without "." and "..", so that "." has a name too. Symlinks stay: a repository may be
// made of them.
fs::path Absolute(const std::string& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

absl::Status CheckPlace(const fs::path& folder, const Manifest& manifest) {
  const std::string name = folder.parent_path().filename().string();
  const std::string version = folder.filename().string();
  if (name != manifest.name() || version != manifest.version()) {
    return absl::InvalidArgumentError(absl::StrCat(folder.string(), ": the manifest says ",
                                                   manifest.name(), "/", manifest.version(),
                                                   ", the folder ", name, "/", version));
  }
  return absl::OkStatus();
}

// Only plain files of this folder; a symlink may point elsewhere inside it, never out of it.
absl::Status CheckPlain(const fs::path& folder, const fs::path& entry) {
  std::error_code error;
  const fs::path real = fs::canonical(entry, error);
  if (error || !fs::is_regular_file(real, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(entry.string(), ": must be a plain file; bundles have no folders"));
  }
  if (real.parent_path() != fs::canonical(folder, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(entry.string(), ": points out of the bundle, to ", real.string()));
  }
  return absl::OkStatus();
}

// What lies in the folder is what the manifest lists, no more and no less.
absl::Status CheckListing(const fs::path& folder, const Manifest& manifest) {
  std::set<std::string> missing;
  for (const bundle::v1::File& file : manifest.files()) {
    missing.insert(file.name());
  }
  std::vector<std::string> problems;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const absl::Status plain = CheckPlain(folder, entry->path());
    if (!plain.ok()) {
      problems.push_back(std::string(plain.message()));
    } else if (missing.erase(name) == 0 && name != kManifestFile) {
      problems.push_back(absl::StrCat(entry->path().string(), ": is not listed in the manifest"));
    }
  }
  for (const std::string& name : missing) {
    problems.push_back(absl::StrCat((folder / name).string(), ": is listed but not there"));
  }
  if (error) {
    problems.push_back(absl::StrCat(folder.string(), ": ", error.message()));
  }
  std::sort(problems.begin(), problems.end());
  return problems.empty() ? absl::OkStatus()
                          : absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

absl::Status CheckDigest(const std::string& path, absl::string_view content,
                         const std::string& expected) {
  const std::string actual = Sha256Hex(content);
  if (actual != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": sha256 is ", actual, ", the manifest says ", expected));
  }
  return absl::OkStatus();
}

// -1 in `shape` stands for any positive size.
absl::Status CheckTensor(const SafeTensors& file, const std::string& name,
                         const std::vector<DType>& dtypes, const std::vector<int64_t>& shape) {
  LINGULA_ASSIGN_OR_RETURN(const TensorView tensor, file.Get(name));
  const bool shape_fits =
      std::equal(tensor.shape.begin(), tensor.shape.end(), shape.begin(), shape.end(),
                 [](int64_t has, int64_t want) { return want == -1 ? has > 0 : has == want; });
  if (!shape_fits || std::find(dtypes.begin(), dtypes.end(), tensor.dtype) == dtypes.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.path(), ": tensor \"", name, "\" must be ", DTypeName(dtypes.front()),
                     " [", absl::StrJoin(shape, ", "), "] (-1: any), got ", DTypeName(tensor.dtype),
                     " [", absl::StrJoin(tensor.shape, ", "), "]"));
  }
  return absl::OkStatus();
}

absl::Status CheckReports(const Bundle& bundle) {
  const bundle::v1::SgsegSpec& sgseg = bundle.manifest.sgseg();
  return CheckTensor(*bundle.reports, "table", {DType::kF32, DType::kF16},
                     {kReportRows, sgseg.report_tokens(), sgseg.report_dim()});
}

absl::Status CheckPrototypes(const Bundle& bundle) {
  const bundle::v1::ProlearnSpec& prolearn = bundle.manifest.prolearn();
  return CheckTensor(*bundle.prototypes, "matrix", {DType::kF32, DType::kF16},
                     {prolearn.labels(), prolearn.prototypes(),
                      int64_t{prolearn.query_dim()} + prolearn.response_dim()});
}

absl::Status CheckOutliers(const SafeTensors& outliers) {
  const std::vector<DType> f32 = {DType::kF32};
  LINGULA_RETURN_IF_ERROR(CheckTensor(outliers, "mean", f32, {-1}));
  const int64_t features = outliers.Get("mean")->shape[0];
  LINGULA_RETURN_IF_ERROR(CheckTensor(outliers, "scale", f32, {features}));
  return CheckTensor(outliers, "whitening", f32, {features, features});
}

absl::Status CheckGoldenTensors(const Bundle& bundle) {
  const int64_t side = bundle.manifest.input().side_px();
  const int64_t channels = bundle.manifest.input().channels();
  const std::vector<DType> f32 = {DType::kF32};
  LINGULA_RETURN_IF_ERROR(CheckTensor(bundle.golden, "pixels", f32, {-1, channels, side, side}));
  const int64_t samples = bundle.golden.Get("pixels")->shape[0];
  if (samples > kMaxGoldenSamples) {
    return absl::InvalidArgumentError(absl::StrCat(bundle.golden.path(), ": tensor \"pixels\" has ",
                                                   samples, " samples; at most ", kMaxGoldenSamples,
                                                   " are run"));
  }
  LINGULA_RETURN_IF_ERROR(CheckTensor(bundle.golden, "probabilities", f32, {samples, side, side}));
  return bundle.manifest.has_prolearn()
             ? absl::OkStatus()
             : CheckTensor(bundle.golden, "zones", f32, {samples, kZones});
}

// Makes the checks one after another and keeps their outcomes.
class Inspector {
 public:
  explicit Inspector(const std::string& folder) : folder_(Absolute(folder)) {}

  BundleInspection Run() {
    const std::string path = (folder_ / kManifestFile).string();
    absl::StatusOr<std::string> text = ReadFile(path, kMaxManifestBytes);
    absl::StatusOr<Manifest> manifest =
        text.ok() ? ParseManifest(*text, path) : absl::StatusOr<Manifest>(text.status());
    if (Note(kManifestFile, manifest.status())) {
      manifest_ = *std::move(manifest);
      Note("name and version", CheckPlace(folder_, manifest_));
      if (Note("files", CheckListing(folder_, manifest_))) {
        ReadFiles();
      }
    }
    return std::move(inspection_);
  }

 private:
  // True when `status` is OK.
  bool Note(absl::string_view what, const absl::Status& status) {
    inspection_.checks.push_back({std::string(what), status});
    good_ = good_ && status.ok();
    return status.ok();
  }

  void ReadFiles() {
    for (const bundle::v1::File& file : manifest_.files()) {
      const std::string path = (folder_ / file.name()).string();
      if (absl::EndsWith(file.name(), ".safetensors")) {
        absl::StatusOr<SafeTensors> tensors = SafeTensors::Open(path);
        if (Note(absl::StrCat(file.name(), ": container"), tensors.status())) {
          Note(absl::StrCat(file.name(), ": sha256"),
               CheckDigest(path, tensors->file(), file.sha256()));
          tensors_.emplace(file.name(), *std::move(tensors));
        }
        continue;
      }
      absl::StatusOr<std::string> content = ReadFile(path, kMaxDocumentBytes);
      Note(absl::StrCat(file.name(), ": sha256"),
           content.ok() ? CheckDigest(path, *content, file.sha256()) : content.status());
      texts_[file.name()] = content.value_or("");
    }
    Note(absl::StrCat(kCardFile, ": text"), texts_[kCardFile].empty()
                                                ? absl::InvalidArgumentError("the card is empty")
                                                : absl::OkStatus());
    const std::vector<std::string> needed = FilesOf(manifest_);
    if (std::all_of(needed.begin(), needed.end(), [this](const std::string& name) {
          return tensors_.count(name) + texts_.count(name) == 1;
        })) {
      Assemble();
    }
  }

  std::optional<SafeTensors> Take(const std::string& name) {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? std::nullopt
                                   : std::optional<SafeTensors>(std::move(found->second));
  }

  void Assemble() {
    Bundle bundle{folder_.string(),
                  manifest_,
                  "",
                  std::move(tensors_.at(kWeightsFile)),
                  std::move(tensors_.at(kGoldenFile)),
                  Take(kReportsFile),
                  Take(kPrototypesFile),
                  Take(kTextEncoderFile),
                  texts_[kVocabularyFile],
                  texts_[kCardFile],
                  Take(kOutliersFile)};
    for (const bundle::v1::File& file : manifest_.files()) {
      if (file.name() == kWeightsFile) {
        bundle.weights_sha256 = file.sha256();
      }
    }
    if (bundle.reports.has_value()) {
      Note(absl::StrCat(kReportsFile, ": table"), CheckReports(bundle));
    }
    if (bundle.prototypes.has_value()) {
      Note(absl::StrCat(kPrototypesFile, ": matrix"), CheckPrototypes(bundle));
    }
    if (bundle.outliers.has_value()) {
      Note(absl::StrCat(kOutliersFile, ": tensors"), CheckOutliers(*bundle.outliers));
    }
    Note(absl::StrCat(kGoldenFile, ": tensors"), CheckGoldenTensors(bundle));
    if (good_) {
      inspection_.bundle = std::move(bundle);
    }
  }

  const fs::path folder_;
  Manifest manifest_;
  std::map<std::string, SafeTensors> tensors_;
  std::map<std::string, std::string> texts_;
  BundleInspection inspection_;
  bool good_ = true;
};

}  // namespace

BundleInspection InspectBundle(const std::string& folder) {
  return Inspector(folder).Run();
}

absl::StatusOr<Bundle> OpenBundle(const std::string& folder) {
  BundleInspection inspection = InspectBundle(folder);
  if (inspection.bundle.has_value()) {
    return *std::move(inspection.bundle);
  }
  absl::StatusCode code = absl::StatusCode::kOk;
  std::vector<std::string> problems;
  for (const BundleCheck& check : inspection.checks) {
    if (!check.status.ok()) {
      code = code == absl::StatusCode::kOk ? check.status.code() : code;
      problems.push_back(std::string(check.status.message()));
    }
  }
  return absl::Status(code, absl::StrJoin(problems, "\n"));
}

int64_t ParameterCount(const SafeTensors& weights) {
  int64_t count = 0;
  for (const auto& [name, tensor] : weights.tensors()) {
    const bool floating = tensor.dtype == DType::kF32 || tensor.dtype == DType::kF64 ||
                          tensor.dtype == DType::kF16 || tensor.dtype == DType::kBf16;
    if (floating && !absl::EndsWith(name, "running_mean") && !absl::EndsWith(name, "running_var")) {
      count += static_cast<int64_t>(tensor.bytes.size()) / ElementBytes(tensor.dtype);
    }
  }
  return count;
}

}  // namespace lingula
