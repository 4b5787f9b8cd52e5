// What a run of lingula-nets-bench found, as a table for people and as JSON for scripts.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/bench/figures.h"
#include "tests/bench/nets_rates.h"

namespace lingula::bench {

// One network, arithmetic and batch size. Times are the shortest of all rounds, for one image.
struct NetsRow {
  std::string network, arithmetic;
  int batch = 1;
  double gmac = 0;          // of one image, counted on the plain network in the served order
  double served_ms = 0;     // folded modules, served order
  double reference_ms = 0;  // the same modules, the reference's order
  double plain_ms = 0;      // float32 modules as trained, the reference's order

  double gflops() const { return 2 * gmac / served_ms * 1e3; }
  double ratio() const { return reference_ms / served_ms; }
};

void PrintRows(const std::vector<NetsRow>& rows, const MatrixRates& rates, std::ostream& out);
nlohmann::json ToJson(const std::vector<NetsRow>& rows, const MatrixRates& rates);
// The bars of this release.
void AddAims(const std::vector<NetsRow>& rows, const MatrixRates& rates, Figures& figures);

}  // namespace lingula::bench
