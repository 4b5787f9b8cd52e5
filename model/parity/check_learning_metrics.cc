// Scores of masks, zones and reports.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/eval/text_scores.h"
#include "model/eval/zone_scores.h"
#include "model/parity/check.h"
#include "model/parity/pixel_batches.h"

namespace lingula::parity {
namespace {

// The scores, null for NaN: Python writes NaN, which is no JSON. No text of the file holds the
// word after a colon or at the start of a line.
absl::StatusOr<nlohmann::json> ReadScores(const FileCheck& check) {
  const std::string name = "metrics.json";
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(check.folder().PathOf(name)));
  auto json = nlohmann::json::parse(
      absl::StrReplaceAll(text, {{": NaN", ": null"}, {" NaN,", " null,"}, {" NaN\n", " null\n"}}),
      nullptr, false);
  if (json.is_discarded()) {
    return absl::InvalidArgumentError(name + ": not JSON, even with NaN allowed");
  }
  return json;
}

// {"acc": {"pooled": .., ..}, ..} -> {"acc": .., ..} for one way of pooling.
nlohmann::json Part(const nlohmann::json& scores, const nlohmann::json::json_pointer& way) {
  nlohmann::json part;
  for (const auto& [metric, values] : scores.items()) {
    part[metric] = values.at(way);
  }
  return part;
}

absl::Status CompareMasks(FileCheck& check, const std::string& name,
                          const nlohmann::json& expected) {
  LINGULA_ASSIGN_OR_RETURN(const std::vector<BatchCounts> batches, CountBatches(check, name));
  using Way = nlohmann::json::json_pointer;
  ComparePixelScores(check, name + ".pooled", PooledScores(batches),
                     Part(expected, Way("/pooled")));
  ComparePixelScores(check, name + ".batch_mean", BatchMeanScores(batches),
                     Part(expected, Way("/batch_mean")));
  for (size_t i = 0; i < batches.size(); ++i) {
    ComparePixelScores(check, absl::StrCat(name, ".", i), PooledScores({batches[i]}),
                       Part(expected, Way(absl::StrCat("/per_batch/", i))));
  }
  return absl::OkStatus();
}

ZoneBits BitsOf(const torch::Tensor& row) {
  ZoneBits bits;
  for (int z = 0; z < kZones; ++z) {
    bits[z] = row[z].item<bool>();
  }
  return bits;
}

void CompareZoneScores(FileCheck& check, const std::string& name, const ZoneScores& scores,
                       const nlohmann::json& expected) {
  CompareFigure(check, name + ".acc", scores.accuracy, expected.at("acc"));
  CompareFigure(check, name + ".recall", scores.recall, expected.at("recall"));
  CompareFigure(check, name + ".precision", scores.precision, expected.at("precision"));
  CompareFigure(check, name + ".f1_macro", scores.f1_macro, expected.at("f1_macro"));
}

absl::Status CompareZones(FileCheck& check, const nlohmann::json& expected) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor p, check.Input("zones.p"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor y, check.Input("zones.y"));
  std::vector<ZonePair> images;
  for (int64_t i = 0; i < p.size(0); ++i) {
    images.push_back({BitsOf(p[i] > kZoneThreshold), BitsOf(y[i] != 0)});
  }
  CompareZoneScores(check, "zones", ScoreZones(images), expected.at("zones"));
  CompareZoneScores(check, "zones_all_zero_both", ScoreZones({ZonePair()}),
                    expected.at("zones_all_zero_both"));
  return absl::OkStatus();
}

void CompareTexts(FileCheck& check, const std::string& name, absl::Span<const TextPair> pairs,
                  const nlohmann::json& expected) {
  const auto bleu = Bleu(pairs);
  for (int n = 1; n <= 4; ++n) {
    const std::string metric = absl::StrCat("bleu_", n);
    CompareFigure(check, absl::StrCat(name, ".", metric), bleu[n - 1], expected.at(metric));
  }
  CompareFigure(check, name + ".rouge", RougeL(pairs), expected.at("rouge"));
}

}  // namespace

absl::Status CheckMetrics(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json scores, ReadScores(check));
  for (const auto& [name, expected] : scores.at("segmentation").items()) {
    if (expected.at("acc").is_object()) {
      LINGULA_RETURN_IF_ERROR(CompareMasks(check, name, expected));
    }
  }
  LINGULA_RETURN_IF_ERROR(CompareZones(check, scores.at("segmentation")));
  std::vector<std::string> texts;
  for (const nlohmann::json& pair : scores.at("text").at("pairs")) {
    texts.push_back(pair.at("prediction").get<std::string>());
    texts.push_back(pair.at("target").get<std::string>());
  }
  std::vector<TextPair> pairs;
  for (size_t i = 0; i < texts.size(); i += 2) {
    pairs.push_back({texts[i], texts[i + 1]});
    CompareTexts(check, absl::StrCat("text.", i / 2), {pairs.back()},
                 scores.at("text").at("pairs").at(i / 2));
  }
  CompareTexts(check, "text.pooled", pairs, scores.at("text").at("pooled_over_all_pairs"));
  return absl::OkStatus();
}

}  // namespace lingula::parity
