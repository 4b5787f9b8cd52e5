#include "model/import/checkpoint_map.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "model/import/pickle.h"

namespace lingula {
namespace {

constexpr char kPrefix[] = "model.";
constexpr char kPositionCode[] = ".pe";

// What the published code saves and does not use; names without the prefix.
struct Unused {
  bool sgseg;
  bool languide;
  bool prolearn;
  const char* starts;
};
constexpr Unused kUnused[] = {
    // Projections for the contrastive phase of training, and the trunk's last normalisation.
    {true, true, false, "encoder.project_head."},
    {true, true, false, "text_encoder.project_head."},
    {true, true, false, "encoder.model.layernorm."},
    // Heads of the language model.
    {true, true, false, "text_encoder.model.cls."},
    {true, true, false, "text_encoder.model.cls_projection_head."},
    // Box and class outputs of the detector.
    {true, false, false, "detector.model.rtdetr_decoder.dec_score_head."},
    {true, false, false, "detector.model.rtdetr_decoder.denoising_class_embed."},
    {true, false, false, "detector.model.rtdetr_decoder.dec_bbox_head.5."},
    // A second BiomedCLIP, and of the first one all but the image tower.
    {false, false, true, "text_encoder."},
    {false, false, true, "prototype.approx."},
    {false, false, true, "prototype.encoder.itm_head."},
    {false, false, true, "prototype.encoder.model.text."},
    {false, false, true, "prototype.encoder.model.logit_scale"},
    {false, false, true, "vision_encoder.model.layernorm."},
};

// Computed, not learned.
bool IsComputed(absl::string_view name) {
  return absl::EndsWith(name, kPositionCode) || absl::EndsWith(name, ".position_ids");
}

bool IsUnused(bundle::v1::Family family, bool text_tower, absl::string_view name) {
  if (!text_tower && absl::StartsWith(name, "text_encoder.")) {
    return true;
  }
  return std::any_of(std::begin(kUnused), std::end(kUnused), [&](const Unused& row) {
    const bool listed = family == bundle::v1::FAMILY_SGSEG      ? row.sgseg
                        : family == bundle::v1::FAMILY_LANGUIDE ? row.languide
                                                                : row.prolearn;
    return listed && absl::StartsWith(name, row.starts);
  });
}

bool IsFloat(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF64 || dtype == DType::kF16 ||
         dtype == DType::kBf16;
}

std::string Described(const StoredShape& tensor) {
  return absl::StrCat(DTypeName(tensor.dtype), " [", absl::StrJoin(tensor.shape, ", "), "]");
}

bool Fits(const StoredShape& stored, const StoredShape& wanted) {
  const bool numbers =
      stored.dtype == wanted.dtype || (IsFloat(stored.dtype) && IsFloat(wanted.dtype));
  return numbers && stored.shape == wanted.shape;
}

std::string Differing(const std::string& key, const StoredShape& stored,
                      const StoredShape& wanted) {
  return absl::StrCat(key, ": ", Described(stored), " instead of ", Described(wanted));
}

void Report(absl::string_view what, const std::vector<std::string>& names, std::string& out) {
  if (!names.empty()) {
    absl::StrAppend(&out, "\n", what, " (", names.size(), "):\n  ", absl::StrJoin(names, "\n  "));
  }
}

}  // namespace

absl::StatusOr<KeyPlan> PlanKeys(bundle::v1::Family family, const ShapeMap& checkpoint,
                                 const ShapeMap& network, bool text_tower) {
  if (family != bundle::v1::FAMILY_SGSEG && family != bundle::v1::FAMILY_LANGUIDE &&
      family != bundle::v1::FAMILY_PROLEARN) {
    return absl::InvalidArgumentError(
        "checkpoints are read for FAMILY_SGSEG, FAMILY_LANGUIDE and FAMILY_PROLEARN");
  }
  const auto first = checkpoint.lower_bound(kPrefix);
  const absl::string_view prefix =
      first != checkpoint.end() && absl::StartsWith(first->first, kPrefix) ? kPrefix : "";
  KeyPlan plan;
  std::vector<std::string> missing;
  std::vector<std::string> other_shape;
  for (const auto& [name, wanted] : network) {
    const std::string key = absl::StrCat(prefix, name);
    const auto stored = checkpoint.find(key);
    if (IsComputed(name)) {
      continue;
    }
    if (stored == checkpoint.end()) {
      missing.push_back(key);
      continue;
    }
    if (!Fits(stored->second, wanted)) {
      other_shape.push_back(Differing(key, stored->second, wanted));
    }
    plan.wanted.emplace(name, key);
  }
  std::vector<std::string> unknown;
  for (const auto& [key, stored] : checkpoint) {
    absl::string_view name = key;
    const bool prefixed = absl::ConsumePrefix(&name, prefix);
    if (prefixed && plan.wanted.count(std::string(name)) != 0) {
      continue;
    }
    if (!prefixed || !(IsComputed(name) || IsUnused(family, text_tower, name))) {
      unknown.push_back(absl::StrCat(Quoted(key), ": ", Described(stored)));
      continue;
    }
    plan.ignored.push_back(key);
    if (!absl::EndsWith(key, kPositionCode)) {
      continue;
    }
    plan.positions.push_back(key);
    const auto own = network.find(std::string(name));
    if (own != network.end() && !Fits(stored, own->second)) {
      other_shape.push_back(Differing(key, stored, own->second));
    }
  }
  std::string faults;
  Report("missing", missing, faults);
  Report("unknown", unknown, faults);
  Report("of another shape or kind", other_shape, faults);
  if (!faults.empty()) {
    // The figures come last too: a terminal shows the end of a long list.
    return absl::InvalidArgumentError(absl::StrCat(
        "the checkpoint's tensors are not those of ", bundle::v1::Family_Name(family), faults,
        "\nof the network's ", plan.wanted.size() + missing.size(), " tensors ", missing.size(),
        " are missing and ", other_shape.size(), " differ; ", unknown.size(),
        " are unknown: is this a checkpoint of another family, or of other sizes?"));
  }
  return plan;
}

}  // namespace lingula
