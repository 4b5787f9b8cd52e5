#include "model/tools/add_scores.h"

#include <algorithm>
#include <utility>

#include "model/backend/load_engine.h"
#include "model/backend/write_bundle.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/tools/evaluate.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

constexpr int kResamples = 1000;

void Note(const DataSetScores& scores, const std::string& data, const char* guidance, bool zones,
          bundle::v1::Manifest& manifest) {
  const auto add = [&](const char* metric, double value) {
    auto& score = *manifest.add_scores();
    score.set_metric(metric);
    score.set_value(value);
    score.set_data(data);
    score.set_guidance(guidance);
    score.set_images(static_cast<uint32_t>(scores.images));
  };
  add("dice", scores.dice);
  add("jaccard", scores.jaccard);
  add("accuracy", scores.accuracy);
  if (zones) {
    add("zone_accuracy", scores.zone_accuracy);
    add("zone_f1", scores.zone_f1);
  }
}

}  // namespace

absl::Status AddScores(const std::string& folder, const std::vector<DataRow>& rows,
                       const std::string& data) {
  const absl::Status low = MeasurePrecision(folder, rows, bundle::v1::ARITHMETIC_BFLOAT16);
  if (!low.ok() && !absl::IsFailedPrecondition(low)) {  // else it stays with float32
    return low;
  }
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
  EngineOptions float32;
  float32.precision = Precision::kFloat32;
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, float32));
  bundle::v1::Manifest manifest = bundle.manifest;
  manifest.clear_scores();
  const std::pair<const char*, GuidanceMode> kinds[] = {
      {"generated report", GuidanceMode::kGeneratedReport},
      {"retrieved prototypes", GuidanceMode::kPrototypes},
      {"true report", GuidanceMode::kReport},
      {"text withheld", GuidanceMode::kWithheld}};
  const bool reports = std::all_of(rows.begin(), rows.end(),
                                   [](const DataRow& row) { return row.zones.has_value(); });
  for (const auto& [guidance, mode] : kinds) {
    if (!engine->Supports(mode) || (mode == GuidanceMode::kReport && !reports)) {
      continue;
    }
    Progress progress(guidance, static_cast<int64_t>(rows.size()));
    LINGULA_ASSIGN_OR_RETURN(
        const auto images,
        Evaluate(*engine, manifest, rows, mode, [&](int64_t done) { progress.Advance(done); }));
    const bool zones = reports && mode == GuidanceMode::kGeneratedReport;
    Note(ScoreDataSet(images, kResamples, 0), data, guidance, zones, manifest);
  }
  return FinishBundle(folder, manifest);
}

}  // namespace lingula
