#include "tests/bench/nets_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lingula::bench {
namespace {

constexpr double kSgsegAim = 1.6;
constexpr double kProlearnAim = 2.2;
constexpr double kShareAim = 0.45;
constexpr int kShareBatch = 8;

double Share(const NetsRow& row, const MatrixRates& rates) {
  return row.gflops() / rates.float32();
}

}  // namespace

void PrintRows(const std::vector<NetsRow>& rows, const MatrixRates& rates, std::ostream& out) {
  out << absl::StreamFormat(
      "float32 matrix products of this machine: %.0f GFLOP/s as Torch multiplies, %.0f with packed "
      "weights",
      rates.plain, rates.packed);
  if (rates.bfloat16 > 0) {
    out << absl::StreamFormat("; bfloat16 %.0f", rates.bfloat16);
  }
  out << absl::StreamFormat("\n\n%-9s %-9s %5s %9s %8s %6s  %12s %6s  %9s %6s\n", "network", "type",
                            "batch", "ms/image", "GFLOP/s", "share", "reference ms", "ratio",
                            "plain ms", "ratio");
  for (const NetsRow& row : rows) {
    out << absl::StreamFormat("%-9s %-9s %5d %9.1f %8.0f %5.0f%%  %12.1f %6.2f  %9.1f %6.2f\n",
                              row.network, row.arithmetic, row.batch, row.served_ms, row.gflops(),
                              100 * Share(row, rates), row.reference_ms, row.ratio(), row.plain_ms,
                              row.plain_ms / row.served_ms);
  }
  out << "\nGFLOP/s: twice the multiply-accumulates of one image, counted on the network as "
         "trained "
         "in the served order\n(";
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows[i].network != rows[i - 1].network) {
      out << absl::StreamFormat("%s%s %.2f G", i == 0 ? "" : ", ", rows[i].network, rows[i].gmac);
    }
  }
  out << "); work that folding saves counts as done. Share: of the better float32 rate.\n"
         "reference: the reference's order of work on the same modules in the same arithmetic "
         "(SGSeg: "
         "detector twice,\n  text tower with language-model head; LanGuideMedSeg: text tower with "
         "that "
         "head; ProLearn: the whole query\n  three times; attentions that folding has merged stay "
         "merged). plain: that order on the float32 modules\n  as trained.\n\n";
}

nlohmann::json ToJson(const std::vector<NetsRow>& rows, const MatrixRates& rates) {
  nlohmann::json json = nlohmann::json::array();
  for (const NetsRow& row : rows) {
    json.push_back({{"network", row.network},
                    {"arithmetic", row.arithmetic},
                    {"batch", row.batch},
                    {"gmac", row.gmac},
                    {"served_ms", row.served_ms},
                    {"gflops", row.gflops()},
                    {"share", Share(row, rates)},
                    {"reference_ms", row.reference_ms},
                    {"ratio", row.ratio()},
                    {"plain_ms", row.plain_ms}});
  }
  return json;
}

void AddAims(const std::vector<NetsRow>& rows, const MatrixRates& rates, Figures& figures) {
  for (const NetsRow& row : rows) {
    const std::string name = absl::StrCat(row.network, "_", row.arithmetic, "_", row.batch);
    if (row.network != "languide") {
      figures.Add(name + "_ratio", row.ratio(), "against the reference's order of work",
                  AtLeast(row.network == "sgseg" ? kSgsegAim : kProlearnAim));
    }
    if (row.arithmetic == "float32" && row.batch == kShareBatch) {
      figures.Add(name + "_share", Share(row, rates), "of the float32 matrix rate",
                  AtLeast(kShareAim));
    }
  }
}

}  // namespace lingula::bench
