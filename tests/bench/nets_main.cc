// lingula-nets-bench: the published networks as they are served, against the reference's order of
// work on the same modules and against this machine's matrix products, all in one run
// (docs/performance.md). Exit code 0 whatever the figures say, 1 when something broke, 2 usage.
#include <algorithm>
#include <iostream>
#include <limits>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "tests/bench/nets_memory.h"
#include "tests/bench/nets_plans.h"
#include "tests/bench/nets_table.h"
#include "tests/bench/others.h"
#include "tests/bench/progress.h"
#include "tests/bench/stats.h"
#include "tests/model/nets/mac_counter.h"

namespace lingula::bench {
namespace {

struct Flags {
  bool quick = false;
  std::string json;
  std::string only;
  std::string memory;
};

constexpr int kBatches[] = {1, 8};
constexpr double kMemoryAim_mb = 1200;
constexpr double kQuiet = 0.05;            // share of the processor that others may use
constexpr std::chrono::seconds kRound{8};  // of one network, on two cores
constexpr std::chrono::seconds kMemory{20};

bool HasBf16() {
  return __builtin_cpu_supports("avx512bf16") != 0;
}

// One arithmetic of a network and its row for each batch size.
struct Variant {
  NetForm form;
  std::unique_ptr<NetPlans> plans;
  std::vector<NetsRow> rows;
};

// Shortens `best`, milliseconds an image, to what one run takes.
template <typename Run>
void Shorten(double& best, int batch, const Run& run) {
  const int repeats = batch == 1 ? 3 : 1;
  for (int i = 0; i < repeats; ++i) {
    best = std::min(best, MicrosOf(run) / 1e3 / batch);
  }
}

class Measurement {
 public:
  explicit Measurement(const Flags& flags) : rounds_(flags.quick ? 2 : 8) {}

  void Network(Published network, Steps& steps) {
    steps.Begin(absl::StrCat(NameOf(network), ": making the networks"), kRound);
    NetForm plain_form;
    plain_form.folded = false;
    const auto plain = MakePlans(network, plain_form);
    auto variants = MakeVariants(network, GigaMacs(*plain, plain_form));
    for (int round = 0; round <= rounds_; ++round) {  // the first one makes kernels
      steps.Begin(absl::StrFormat("%s, round %d of %d", NameOf(network), round, rounds_), kRound);
      for (size_t b = 0; b < std::size(kBatches); ++b) {
        Round(kBatches[b], b, *plain, plain_form, round, variants);
      }
      rates_.Measure(HasBf16());
    }
    for (Variant& variant : variants) {
      rows_.insert(rows_.end(), variant.rows.begin(), variant.rows.end());
    }
  }

  const std::vector<NetsRow>& rows() const { return rows_; }
  const MatrixRates& rates() const { return rates_; }
  int rounds() const { return rounds_; }

 private:
  static double GigaMacs(NetPlans& plain, const NetForm& form) {
    const torch::NoGradGuard no_grad;
    const auto image = ImagesFor(form, 1);
    const test::MacCounter counter;
    plain.Served(image);
    return static_cast<double>(counter.macs()) / 1e9;
  }

  static std::vector<Variant> MakeVariants(Published network, double gmac) {
    std::vector<Variant> variants;
    for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
      if (type == torch::kBFloat16 && !HasBf16()) {
        continue;
      }
      Variant variant;
      variant.form.types = type;
      variant.plans = MakePlans(network, variant.form);
      for (const int batch : kBatches) {
        NetsRow row;
        row.network = NameOf(network);
        row.arithmetic = type == torch::kFloat32 ? "float32" : "bfloat16";
        row.batch = batch;
        row.gmac = gmac;
        row.served_ms = row.reference_ms = row.plain_ms = std::numeric_limits<double>::infinity();
        variant.rows.push_back(row);
      }
      variants.push_back(std::move(variant));
    }
    return variants;
  }

  // All that is compared, one after the other: a busy neighbour hurts all alike.
  void Round(int batch, size_t place, NetPlans& plain, const NetForm& plain_form, int round,
             std::vector<Variant>& variants) {
    const c10::InferenceMode inference;
    double plain_ms = variants.front().rows[place].plain_ms;
    if (round <= kPlainRounds) {
      const auto images = ImagesFor(plain_form, batch);
      Shorten(plain_ms, batch, [&] { plain.Reference(images); });
    }
    for (Variant& variant : variants) {
      const auto images = ImagesFor(variant.form, batch);
      NetsRow& row = variant.rows[place];
      row.plain_ms = plain_ms;
      Shorten(row.served_ms, batch, [&] { variant.plans->Served(images); });
      Shorten(row.reference_ms, batch, [&] { variant.plans->Reference(images); });
    }
  }

  static constexpr int kPlainRounds = 2;  // the slowest, and for information only

  const int rounds_;
  std::vector<NetsRow> rows_;
  MatrixRates rates_;
};

absl::Status Run(const Flags& flags) {
  const OthersAtWork others;
  Measurement measurement(flags);
  std::vector<Published> networks;
  for (const auto network : {Published::kSgseg, Published::kLanguide, Published::kProlearn}) {
    if (flags.only.empty() || flags.only == NameOf(network)) {
      networks.push_back(network);
    }
  }
  Figures figures;
  {
    Steps steps(kMemory + networks.size() * (2 + measurement.rounds()) * kRound);
    steps.Begin("resident memory of SGSeg", kMemory);
    LINGULA_ASSIGN_OR_RETURN(const double resident_mb, SgsegResidentMegabytes());
    ConfigureCompute(0);
    for (const auto network : networks) {
      measurement.Network(network, steps);
    }
    AddAims(measurement.rows(), measurement.rates(), figures);
    figures.Add("sgseg_rss_mb", resident_mb, "a process with the engine, after a batch of 8",
                AtMost(kMemoryAim_mb));
  }
  const double others_share = others.Share();
  PrintRows(measurement.rows(), measurement.rates(), std::cout);
  PrintTable(figures, others_share <= kQuiet, std::cout);
  const unsigned cores = std::thread::hardware_concurrency();
  std::cout << absl::StreamFormat("\n%u cores; others used %.0f %% of the processor meanwhile%s\n",
                                  cores, 100 * others_share,
                                  others_share > kQuiet ? ": measure again when they rest" : "");
  if (flags.json.empty()) {
    return absl::OkStatus();
  }
  nlohmann::json json = ToJson(figures);
  json["networks"] = ToJson(measurement.rows(), measurement.rates());
  json["matrix_gflops"] = {{"plain", measurement.rates().plain},
                           {"packed", measurement.rates().packed},
                           {"bfloat16", measurement.rates().bfloat16}};
  json["cores"] = cores;
  json["others_share"] = others_share;
  json["quick"] = flags.quick;
  return WriteFile(flags.json, json.dump(2) + "\n");
}

}  // namespace
}  // namespace lingula::bench

int main(int argc, char** argv) {
  lingula::bench::Flags flags;
  CLI::App app("Measures the published networks as they are served");
  app.add_flag("--quick", flags.quick, "Two rounds instead of eight");
  app.add_option("--json", flags.json, "Also write the figures here")->type_name("FILE");
  app.add_option("--only", flags.only, "One network")
      ->check(CLI::IsMember({"sgseg", "languide", "prolearn"}));
  app.add_option(lingula::bench::kMemoryFlag, flags.memory)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  lingula::WaitBriefly(argv);
  try {
    if (!flags.memory.empty()) {
      return lingula::bench::RunMemory(flags.memory);
    }
    const absl::Status status = lingula::bench::Run(flags);
    if (!status.ok()) {
      std::cerr << "lingula-nets-bench: " << status.message() << "\n";
      return 1;
    }
    return 0;
  } catch (const std::exception& error) {  // c10::Error
    std::cerr << "lingula-nets-bench: " << error.what() << "\n";
    return 1;
  }
}
