// lingula-prototypes: fits the prototypes of a ProLearn bundle anew.
#include <iostream>
#include <map>

#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"
#include "model/tools/program.h"
#include "model/tools/prototypes.h"

namespace lingula {
namespace {

struct Arguments {
  PrototypesOptions options;
  std::string rule = "mean", labels = "auto";
  int threads = 0;
};

const std::map<std::string, PrototypeRule> kRules = {
    {"mean", PrototypeRule::kMean}, {"nearest-member", PrototypeRule::kNearestMember}};
const std::map<std::string, PrototypeLabels> kLabels = {{"auto", PrototypeLabels::kAuto},
                                                        {"zones", PrototypeLabels::kZones},
                                                        {"hdbscan", PrototypeLabels::kClusters}};

void Declare(CLI::App& app, Arguments& a) {
  PrototypesOptions& o = a.options;
  app.add_option("--bundle", o.bundle, "folder of the bundle")->required();
  app.add_option("--data", o.data, "data manifest (CSV) of the pairs: images and their reports");
  app.add_option("--validation", o.validation,
                 "data manifest for the hit rates; default: the pairs themselves");
  app.add_option("--out", o.out, "folder for <name>/<version + 1>/ and the report")->required();
  app.add_option("--embeddings", o.embeddings,
                 "safetensors with images [n, query_dim], texts [n, response_dim] and, for zones, "
                 "labels [n, 6], instead of --data");
  app.add_option("--text-tower", o.text_tower,
                 "text_tower.safetensors of the training run; default: beside the repository of "
                 "the bundle");
  app.add_option("--seed", o.seed, "decides every random choice");
  app.add_option("--per-label", o.per_label, "prototypes a label; 0: as many as the bundle has");
  app.add_option("--rule", a.rule, "what stands for a cluster: its mean, or the nearest member")
      ->check(CLI::IsMember(kRules));
  app.add_option("--labels", a.labels,
                 "zones of the data manifest, or HDBSCAN over the reports' embeddings; auto: zones "
                 "for chest X-rays")
      ->check(CLI::IsMember(kLabels));
  app.add_option("--min-cluster-size", o.min_cluster_size, "of HDBSCAN");
  app.add_option("--most-labels", o.most_labels,
                 "clusters at most, smaller ones are merged; 0: as many as the bundle has");
  app.add_flag("--leave-out-noise", o.leave_out_noise,
               "reports that are noise enter no pool; default: that of their nearest neighbour");
  app.add_option("--text-fraction", o.text_percent, "percent of the pairs to use, by seed");
  app.add_flag("--resume", o.resume, "take OUT/embeddings.safetensors of a run that was stopped");
  app.add_flag("--skip-broken", o.skip_broken,
               "leave out files that cannot be read, and name them");
  app.add_option("--threads", a.threads, "processor threads; 0: one for each core");
}

absl::Status Main(Arguments& a) {
  ConfigureCompute(a.threads);
  a.options.rule = kRules.at(a.rule);
  a.options.labels = kLabels.at(a.labels);
  LINGULA_ASSIGN_OR_RETURN(const PrototypesReport report, MakePrototypes(a.options));
  std::cout << ToMarkdown(report) << "\nwritten: " << report.bundle << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::Arguments arguments;
  CLI::App app("Fits the prototypes of a ProLearn bundle anew.", "lingula-prototypes");
  lingula::Declare(app, arguments);
  return lingula::RunProgram(app, argc, argv, [&] { return lingula::Main(arguments); });
}
