// A model bundle on disk (docs/bundles.md): opened, understood and checked, not yet a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "model/bundle/safetensors.h"
#include "model/image/preprocess.h"

namespace lingula {

class Textproto;

inline constexpr char kManifestFile[] = "manifest.textproto";
inline constexpr char kWeightsFile[] = "weights.safetensors";
inline constexpr char kReportsFile[] = "reports.safetensors";
inline constexpr char kPrototypesFile[] = "prototypes.safetensors";
inline constexpr char kOutliersFile[] = "outliers.safetensors";
inline constexpr char kTextEncoderFile[] = "text_encoder.safetensors";
inline constexpr char kVocabularyFile[] = "vocab.txt";
inline constexpr char kGoldenFile[] = "golden.safetensors";
inline constexpr char kCardFile[] = "CARD.md";

// Low precision may be the default of a bundle from this Dice on, between its masks and float32's.
inline constexpr float kLowestDice = 0.995F;

struct Bundle {
  std::string folder;
  bundle::v1::Manifest manifest;
  std::string weights_sha256;
  SafeTensors weights;
  // "pixels" [N, channels, S, S], "probabilities" [N, S, S], "zones" [N, 6]: the probabilities that
  // the network gives (family sgseg) or 1 for the zones that the caller's report names (languide).
  SafeTensors golden;
  // Families sgseg and languide. "table": F32 or F16 [64, report_tokens, report_dim], rows as in
  // ReportRow().
  std::optional<SafeTensors> reports;
  // Family prolearn. "matrix": F32 or F16 [labels, prototypes, query_dim + response_dim].
  std::optional<SafeTensors> prototypes;
  // Where the manifest has a text_encoder: its weights, and its vocabulary, one token a line.
  std::optional<SafeTensors> text_encoder;
  std::string vocabulary;
  std::string card;  // Markdown
  // Where the manifest's calibration has outliers, F32: "mean" and "scale" [D] of the encoder's
  // pooled features, "whitening" [D, D].
  std::optional<SafeTensors> outliers = std::nullopt;
};

// Opens <folder> and checks it: manifest fields in range, name and version equal to the last two
// parts of the path, all files there, none unlisted, every digest.
// Errors   INVALID_ARGUMENT or NOT_FOUND with file and reason; a manifest that does not parse with
//          line and column.
absl::StatusOr<Bundle> OpenBundle(const std::string& folder);

// The same with the outcome of each check, for people. `bundle` is there when all are OK.
struct BundleCheck {
  std::string what;  // "weights.safetensors: sha256"
  absl::Status status;
};
struct BundleInspection {
  std::vector<BundleCheck> checks;  // in the order made; a failing one may keep later ones away
  std::optional<Bundle> bundle;
};
BundleInspection InspectBundle(const std::string& folder);

// Trainable values in a weights file: floating-point tensors less the running statistics of batch
// normalisation.
int64_t ParameterCount(const SafeTensors& weights);

// A recipe is a manifest before training: it lists no files yet.
enum class ManifestKind { kBundle, kRecipe };

// The files that a bundle of this manifest must hold, beside the manifest.
std::vector<std::string> FilesOf(const bundle::v1::Manifest& manifest);

// Parses and checks a manifest alone. `file` is for messages. INVALID_ARGUMENT with every mistake,
// one "file:line:column: what" a line.
absl::StatusOr<bundle::v1::Manifest> ParseManifest(absl::string_view text, absl::string_view file,
                                                   ManifestKind kind = ManifestKind::kBundle);

// The checks of ParseManifest, for a manifest inside another text: notes every mistake in `text`.
void CheckManifest(Textproto& text, const bundle::v1::Manifest& manifest, ManifestKind kind);

// Writes `manifest` with fresh digests of `files` (names inside `folder`), last of all, so that a
// folder is a bundle only once it is whole. INVALID_ARGUMENT, and nothing is written, when
// ParseManifest would refuse it.
absl::Status WriteManifest(const std::string& folder, bundle::v1::Manifest manifest,
                           const std::vector<std::string>& files);

// Folders of bundles in a repository: <repository>/<name>/<version>, sorted by name and version
// number; folders without a manifest, or whose version is no positive whole number, are passed
// over. `name` and `version` narrow the list; an empty version means the highest.
// NOT_FOUND when the repository, the name or the version is not there.
absl::StatusOr<std::vector<std::string>> FindBundles(const std::string& repository);
absl::StatusOr<std::string> FindBundle(const std::string& repository, const std::string& name,
                                       const std::string& version);

// True where the pools of prototypes are the six lung zones (model/base/zones.h): of chest models
// with six labels.
bool PoolsAreZones(const bundle::v1::Manifest& manifest);

InputSpec InputSpecFrom(const bundle::v1::InputSpec& input);

// Lower-case hexadecimal SHA-256.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace lingula
