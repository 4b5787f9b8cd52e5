#include <algorithm>
#include <cmath>
#include <set>

#include <google/protobuf/text_format.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/base/zones.h"
#include "model/bundle/bundle.h"
#include "model/bundle/manifest_calibration.h"
#include "model/bundle/manifest_network.h"
#include "model/bundle/textproto.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;

constexpr int kMaxNameLength = 64;
constexpr size_t kSha256HexLength = 64;
// What may lie beside the files that a network needs: documents.
const char* const kDocumentEndings[] = {".md", ".txt", ".json", ".csv", "LICENSE", "NOTICE"};

std::string At(absl::string_view field, int i) {
  return absl::StrCat(field, "[", i, "]");
}

// A bundle's name becomes a folder, a metrics label and the part before "@" in requests.
bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameLength && absl::ascii_isalnum(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
         });
}

bool IsVersion(absl::string_view version) {
  int number = 0;
  return absl::SimpleAtoi(version, &number) && number > 0 && absl::StrCat(number) == version;
}

bool IsSha256(absl::string_view text) {
  return text.size() == kSha256HexLength && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

bool IsFileName(absl::string_view name, const std::vector<std::string>& required) {
  const auto ends_so = [name](const char* ending) { return absl::EndsWith(name, ending); };
  return !name.empty() && name.find('/') == absl::string_view::npos &&
         (std::find(required.begin(), required.end(), name) != required.end() ||
          std::any_of(std::begin(kDocumentEndings), std::end(kDocumentEndings), ends_so));
}

void CheckPresent(Textproto& text, absl::string_view field, const std::string& value) {
  if (value.empty()) {
    text.Problem(field, "is missing");
  }
}

void CheckIdentity(Textproto& text, const Manifest& manifest) {
  if (!IsName(manifest.name())) {
    text.Problem("name", absl::StrCat("must be 1 to ", kMaxNameLength,
                                      " of a-z, 0-9, - and _, starting with a letter or digit, "
                                      "got \"",
                                      manifest.name(), "\""));
  }
  if (!IsVersion(manifest.version())) {
    text.Problem("version",
                 absl::StrCat("must be a positive whole number, got \"", manifest.version(), "\""));
  }
  if (manifest.modality() != bundle::v1::MODALITY_CHEST_XRAY &&
      manifest.modality() != bundle::v1::MODALITY_ENDOSCOPY) {
    text.Problem("modality", "must be MODALITY_CHEST_XRAY or MODALITY_ENDOSCOPY");
  }
  CheckPresent(text, "license", manifest.license());
  CheckPresent(text, "notice", manifest.notice());
  CheckPresent(text, "provenance", manifest.provenance());
}

void CheckInput(Textproto& text, const bundle::v1::InputSpec& input) {
  if (input.side_px() < 32 || input.side_px() > 1024 || input.side_px() % 32 != 0) {
    text.Problem("input.side_px",
                 absl::StrCat("must be a multiple of 32 in [32, 1024], got ", input.side_px()));
  }
  if (input.channels() != 1 && input.channels() != 3) {
    text.Problem("input.channels", absl::StrCat("must be 1 or 3, got ", input.channels()));
  }
}

void CheckFiles(Textproto& text, const Manifest& manifest) {
  const std::vector<std::string> required = FilesOf(manifest);
  std::set<std::string> names;
  for (int i = 0; i < manifest.files_size(); ++i) {
    const bundle::v1::File& file = manifest.files(i);
    const std::string place = At("files", i);
    if (!IsFileName(file.name(), required)) {
      text.Problem(absl::StrCat(place, ".name"),
                   absl::StrCat("\"", file.name(), "\" is not a file that a bundle may hold"));
    }
    if (!names.insert(file.name()).second) {
      text.Problem(absl::StrCat(place, ".name"),
                   absl::StrCat("\"", file.name(), "\" is listed twice"));
    }
    if (!IsSha256(file.sha256())) {
      text.Problem(absl::StrCat(place, ".sha256"), "must be 64 of 0-9 and a-f");
    }
  }
  for (const std::string& name : required) {
    if (names.count(name) == 0) {
      text.Problem("files", absl::StrCat(name, " is missing"));
    }
  }
}

void CheckScores(Textproto& text, const Manifest& manifest) {
  for (int i = 0; i < manifest.scores_size(); ++i) {
    const bundle::v1::Score& score = manifest.scores(i);
    const std::string place = At("scores", i);
    CheckPresent(text, absl::StrCat(place, ".metric"), score.metric());
    CheckPresent(text, absl::StrCat(place, ".data"), score.data());
    CheckPresent(text, absl::StrCat(place, ".guidance"), score.guidance());
    if (!std::isfinite(score.value())) {
      text.Problem(absl::StrCat(place, ".value"), "must be finite");
    }
    if (score.images() == 0) {
      text.Problem(absl::StrCat(place, ".images"), "must be at least 1");
    }
  }
}

void CheckFigures(Textproto& text, const Manifest& manifest) {
  if (!(manifest.threshold() > 0 && manifest.threshold() < 1)) {
    text.Problem("threshold", absl::StrCat("must be in (0, 1), got ", manifest.threshold()));
  }
  if (!(manifest.low_confidence_below() >= 0 && manifest.low_confidence_below() <= 1)) {
    text.Problem("low_confidence_below",
                 absl::StrCat("must be in [0, 1], got ", manifest.low_confidence_below()));
  }
  const auto check_tolerance = [&text](absl::string_view field, float value) {
    if (!(value > 0 && value < 1)) {
      text.Problem(field, absl::StrCat("must be in (0, 1), got ", value));
    }
  };
  check_tolerance("golden.mean_abs", manifest.golden().mean_abs());
  check_tolerance("golden.bf16_mean_abs", manifest.golden().bf16_mean_abs());
  if (manifest.family() == bundle::v1::FAMILY_SGSEG) {
    check_tolerance("golden.zone_abs", manifest.golden().zone_abs());
    check_tolerance("golden.bf16_zone_abs", manifest.golden().bf16_zone_abs());
  }
}

// Low precision is served only where it was measured to leave the masks as they are.
void CheckArithmetic(Textproto& text, const Manifest& manifest) {
  const auto check = [&](absl::string_view field, float dice, bundle::v1::Arithmetic needs_it) {
    if (!(dice >= 0 && dice <= 1)) {
      text.Problem(field, absl::StrCat("must be in [0, 1], got ", dice));
    } else if (manifest.arithmetic() == needs_it && dice < kLowestDice) {
      text.Problem("arithmetic", absl::StrCat(bundle::v1::Arithmetic_Name(needs_it), " needs ",
                                              field, " of at least ", kLowestDice, ", got ", dice));
    }
  };
  check("bf16_dice", manifest.bf16_dice(), bundle::v1::ARITHMETIC_BFLOAT16);
  check("fp16_dice", manifest.fp16_dice(), bundle::v1::ARITHMETIC_FLOAT16);
  if (!bundle::v1::Arithmetic_IsValid(manifest.arithmetic())) {
    text.Problem("arithmetic", "is not a known value");
  }
}

}  // namespace

std::vector<std::string> FilesOf(const Manifest& manifest) {
  std::vector<std::string> files = {kWeightsFile, kGoldenFile, kCardFile};
  if (manifest.has_prolearn()) {
    files.emplace_back(kPrototypesFile);
  } else {
    files.emplace_back(kReportsFile);
  }
  if (manifest.sgseg().has_text_encoder()) {
    files.emplace_back(kTextEncoderFile);
    files.emplace_back(kVocabularyFile);
  }
  if (manifest.calibration().has_outliers()) {
    files.emplace_back(kOutliersFile);
  }
  return files;
}

void CheckManifest(Textproto& text, const Manifest& manifest, ManifestKind kind) {
  CheckIdentity(text, manifest);
  CheckInput(text, manifest.input());
  CheckFigures(text, manifest);
  if (kind == ManifestKind::kBundle) {
    CheckFiles(text, manifest);
  } else if (manifest.files_size() > 0) {
    text.Problem("files", "must be empty in a recipe: training writes them");
  }
  CheckScores(text, manifest);
  CheckArithmetic(text, manifest);
  CheckNetwork(text, manifest);
  if (manifest.has_calibration()) {
    CheckCalibration(text, manifest.calibration());
  }
}

absl::StatusOr<Manifest> ParseManifest(absl::string_view content, absl::string_view file,
                                       ManifestKind kind) {
  Manifest manifest;
  Textproto text(content, file, manifest);
  if (text.parsed()) {
    CheckManifest(text, manifest, kind);
  }
  LINGULA_RETURN_IF_ERROR(text.status());
  return manifest;
}

absl::Status WriteManifest(const std::string& folder, Manifest manifest,
                           const std::vector<std::string>& files) {
  std::vector<std::string> sorted = files;
  std::sort(sorted.begin(), sorted.end());
  manifest.clear_files();
  for (const std::string& name : sorted) {
    LINGULA_ASSIGN_OR_RETURN(const std::string content, ReadFile(absl::StrCat(folder, "/", name)));
    bundle::v1::File& file = *manifest.add_files();
    file.set_name(name);
    file.set_sha256(Sha256Hex(content));
  }
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(manifest, &text);
  text = absl::StrCat("# proto-file: lingula/bundle/v1/manifest.proto\n# proto-message: ",
                      manifest.GetDescriptor()->full_name(), "\n", text);
  const std::string path = absl::StrCat(folder, "/", kManifestFile);
  LINGULA_RETURN_IF_ERROR(ParseManifest(text, path).status());
  return WriteFile(path, text);
}

bool PoolsAreZones(const bundle::v1::Manifest& manifest) {
  return manifest.modality() == bundle::v1::MODALITY_CHEST_XRAY &&
         manifest.prolearn().labels() == kZones;
}

InputSpec InputSpecFrom(const bundle::v1::InputSpec& input) {
  InputSpec spec;
  spec.side_px = static_cast<int>(input.side_px());
  spec.channels = static_cast<int>(input.channels());
  spec.transpose = input.transpose();
  spec.antialias = input.antialias();
  return spec;
}

}  // namespace lingula
