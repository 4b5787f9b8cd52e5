#include "model/device/sample_row.h"

#include <algorithm>

#include "model/text/report_grammar.h"

namespace lingula {
namespace {

int ReportOf(const RowLayout& layout, const Sample& sample, int slot) {
  if (sample.guidance != GuidanceMode::kReport && layout.has_zones) {
    return kOwnReport;
  }
  return sample.free_text.empty() ? ReportRow(sample.report) : kGrammarReports + slot;
}

// The string that guided the mask.
std::string ReportText(const Sample& sample, const Prediction& prediction) {
  switch (sample.guidance) {
    case GuidanceMode::kReport:
      return sample.free_text.empty() ? ReportFor(sample.report) : sample.free_text;
    case GuidanceMode::kGeneratedReport:
      return prediction.zones.has_value() ? ReportFor(Reported(*prediction.zones)) : "";
    default:
      return "";
  }
}

void ReadPrototypes(const RowLayout& layout, const float* row, Prediction& prediction) {
  const float* const rows = row + layout.prototypes_at();
  const float* const similarities = row + layout.similarities_at();
  for (int k = 0; k < layout.prototypes; ++k) {
    RetrievedPrototype found;
    found.label = static_cast<int>(rows[k]) / layout.pool;
    found.index = static_cast<int>(rows[k]) % layout.pool;
    found.similarity = similarities[k];
    prediction.prototypes.push_back(found);
  }
  if (layout.prototypes > 0 && layout.prototypes_listed > layout.prototypes) {
    prediction.prototype_margin =
        similarities[layout.prototypes - 1] - similarities[layout.prototypes];
  }
}

}  // namespace

void WriteSample(const RowLayout& layout, const Sample& sample, int slot, float* row) {
  std::copy(sample.pixels.begin(), sample.pixels.end(), row);
  row[layout.report_at()] = static_cast<float>(ReportOf(layout, sample, slot));
  row[layout.guided_at()] = sample.guidance == GuidanceMode::kWithheld ? 0.0F : 1.0F;
}

Prediction ReadPrediction(const RowLayout& layout, const Sample& sample, const float* row) {
  Prediction prediction;
  prediction.guidance = sample.guidance;
  prediction.probabilities.assign(row, row + layout.area());
  if (layout.has_zones) {
    ZoneProbabilities& zones = prediction.zones.emplace();
    std::copy_n(row + layout.zones_at(), zones.size(), zones.begin());
  }
  const float* const features = row + layout.features_at();
  prediction.features.assign(features, features + layout.features);
  if (sample.guidance != GuidanceMode::kWithheld) {
    ReadPrototypes(layout, row, prediction);
  }
  prediction.report = ReportText(sample, prediction);
  return prediction;
}

}  // namespace lingula
