// The report of lingula-prototypes in words and figures.
#include <cmath>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/zones.h"
#include "model/tools/prototypes.h"

namespace lingula {
namespace {

constexpr const char* kZoneNames[kZones] = {"image left upper",   "image left middle",
                                            "image left lower",   "image right upper",
                                            "image right middle", "image right lower"};

std::string LabelName(const PrototypesReport& report, size_t label) {
  const bool zones = report.clusters == 0 && report.pools.size() == kZones;
  return zones ? kZoneNames[label] : absl::StrCat("cluster ", label);
}

// JSON has no NaN.
nlohmann::json Figure(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

nlohmann::json Hits(const RetrievalHits& hits) {
  return {{"images", hits.images}, {"first", hits.first}, {"any", hits.any}, {"all", hits.all}};
}

std::string Number(double value) {
  return std::isfinite(value) ? absl::StrFormat("%.3f", value) : "none";
}

}  // namespace

std::string ToJson(const PrototypesReport& r) {
  nlohmann::json pools = nlohmann::json::array();
  for (size_t label = 0; label < r.pools.size(); ++label) {
    const PoolReport& pool = r.pools[label];
    pools.push_back({{"label", LabelName(r, label)},
                     {"pairs", pool.pairs},
                     {"prototypes", pool.prototypes},
                     {"silhouette", Figure(pool.silhouette)},
                     {"hits", Hits(r.hits.by_label[label])}});
  }
  const nlohmann::json json = {{"bundle", r.bundle},
                               {"pairs", r.pairs},
                               {"pairs_there", r.pairs_there},
                               {"unlabelled", r.unlabelled},
                               {"clusters", r.clusters},
                               {"noise", r.noise},
                               {"text_silhouette", Figure(r.text_silhouette)},
                               {"near_duplicates", r.near_duplicates},
                               {"hits_on", r.hits_on},
                               {"hits", Hits(r.hits.all)},
                               {"query_us", r.query_us},
                               {"retrieval_us", r.retrieval_us},
                               {"pools", pools}};
  return absl::StrCat(json.dump(2), "\n");
}

std::string ToMarkdown(const PrototypesReport& r) {
  std::string text = absl::StrFormat(
      "# Prototypes\n\n%d of %d pairs were used, %d without a label. %s\n\n", r.pairs,
      r.pairs_there, r.unlabelled,
      r.clusters == 0
          ? std::string("Labels are lung zones.")
          : absl::StrFormat("Labels are %d pools of %d clusters of the captions; %d "
                            "captions were noise; silhouette of the pools %s.",
                            r.pools.size(), r.clusters, r.noise, Number(r.text_silhouette)));
  absl::StrAppend(&text,
                  "| pool | pairs | prototypes | silhouette | images | first hit | any hit | "
                  "all hit |\n|---|---|---|---|---|---|---|---|\n");
  const auto row = [&text](const std::string& name, const std::string& pool,
                           const RetrievalHits& hits) {
    absl::StrAppendFormat(&text, "| %s | %s | %d | %.3f | %.3f | %.3f |\n", name, pool, hits.images,
                          hits.first, hits.any, hits.all);
  };
  for (size_t label = 0; label < r.pools.size(); ++label) {
    const PoolReport& pool = r.pools[label];
    row(LabelName(r, label),
        absl::StrFormat("%d | %d | %s", pool.pairs, pool.prototypes, Number(pool.silhouette)),
        r.hits.by_label[label]);
  }
  row("all", absl::StrFormat("%d | | ", r.pairs), r.hits.all);
  absl::StrAppendFormat(
      &text,
      "\nHits are counted on %s: whether the nearest prototype, any of the retrieved and all of "
      "them\nare of a pool that the image's own labels name. %.1f %% of the prototypes have a twin "
      "in another\npool (cosine of at least 0.99). To make a query of an image's features takes "
      "%.0f microseconds,\nto compare it with all prototypes %.0f.\n",
      r.hits_on, r.near_duplicates * 100, r.query_us, r.retrieval_us);
  return text;
}

}  // namespace lingula
