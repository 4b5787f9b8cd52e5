#include "model/tools/prototypes.h"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <set>

#include <torch/torch.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/network_options.h"
#include "model/backend/prolearn_engine.h"
#include "model/backend/weights.h"
#include "model/backend/write_bundle.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/cluster/silhouette.h"
#include "model/tools/prototypes_pairs.h"

namespace lingula {
namespace {

constexpr int kTimed = 50;  // runs of what is timed

absl::Status Check(const PrototypesOptions& o) {
  if (o.data.empty() && o.embeddings.empty()) {
    return absl::InvalidArgumentError(
        "no pairs: --data names a data manifest, --embeddings a file of embedded pairs");
  }
  if (!(o.text_percent > 0 && o.text_percent <= 100)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--text-fraction must be above 0 and at most 100, got ", o.text_percent));
  }
  if (o.per_label < 0 || o.most_labels < 0 || o.min_cluster_size < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--per-label ", o.per_label, ", --most-labels ", o.most_labels, " and --min-cluster-size ",
        o.min_cluster_size, ": the first two must not be negative, the last must be 2 or more"));
  }
  return absl::OkStatus();
}

// The manifest of the next version: what was measured on other prototypes is left out.
absl::StatusOr<bundle::v1::Manifest> NextManifest(const PrototypesOptions& o, const Bundle& bundle,
                                                  const EmbeddedPairs& pairs, int per_label) {
  bundle::v1::Manifest next = bundle.manifest;
  int version = 0;
  if (!absl::SimpleAtoi(next.version(), &version)) {
    return absl::InvalidArgumentError(
        absl::StrCat("version ", next.version(), " is no number that has a next one"));
  }
  next.set_version(absl::StrCat(version + 1));
  next.mutable_prolearn()->set_labels(static_cast<uint32_t>(pairs.label_count));
  next.mutable_prolearn()->set_prototypes(static_cast<uint32_t>(per_label));
  next.clear_files();
  next.clear_scores();
  next.clear_calibration();
  next.clear_arithmetic();
  next.clear_bf16_dice();
  next.clear_fp16_dice();
  next.set_provenance(absl::StrFormat(
      "%s\n\nPrototypes of version %s were fitted anew from %d of %d pairs (lingula-prototypes "
      "--seed %d --text-fraction %g%s).",
      next.provenance(), next.version(), pairs.used.size(), pairs.there, o.seed, o.text_percent,
      o.rule == PrototypeRule::kNearestMember ? " --rule nearest-member" : ""));
  return next;
}

PoolReport Judge(const PairSet& pairs, const PrototypePool& pool, const torch::Tensor& rows) {
  PoolReport report;
  report.pairs = static_cast<int64_t>(pool.members.size());
  if (pool.members.empty()) {
    report.silhouette = std::nan("");
    return report;
  }
  const std::set<int32_t> different(pool.clusters.begin(), pool.clusters.end());
  report.prototypes = static_cast<int64_t>(different.size());
  std::vector<int64_t> members(pool.members.begin(), pool.members.end());
  const auto index = torch::tensor(members, torch::kInt64);
  const auto joint =
      torch::cat({pairs.queries.index_select(0, index), pairs.texts.index_select(0, index)}, 1)
          .contiguous();
  report.silhouette = MeanSilhouette(
      Rows<float>(absl::MakeConstSpan(joint.data_ptr<float>(), static_cast<size_t>(joint.numel())),
                  rows.size(1)),
      pool.clusters);
  return report;
}

absl::Status WriteNext(const Bundle& bundle, const bundle::v1::Manifest& manifest,
                       const torch::Tensor& matrix, const std::string& folder) {
  std::error_code error;
  if (std::filesystem::exists(absl::StrCat(folder, "/", kManifestFile))) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, ": is a bundle already; choose another --out, or remove it"));
  }
  std::filesystem::create_directories(folder, error);  // a failure shows at the first write
  LINGULA_RETURN_IF_ERROR(
      WriteFile(absl::StrCat(folder, "/", kWeightsFile), bundle.weights.file()));
  TensorWriter prototypes;
  prototypes.Add("matrix", matrix);
  LINGULA_RETURN_IF_ERROR(
      prototypes.Write(absl::StrCat(folder, "/", kPrototypesFile), bundle.prototypes->metadata()));
  LINGULA_RETURN_IF_ERROR(WriteGolden(folder, manifest));
  LINGULA_RETURN_IF_ERROR(FinishBundle(folder, manifest));
  return OpenBundle(folder).status();
}

template <typename Run>
double Microseconds(const Run& run) {
  run();  // kernels are made
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kTimed; ++i) {
    run();
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  return took.count() / kTimed;
}

// The time from features to query in the served form. Folds the network.
double QueryMicroseconds(Prolearn& net, uint32_t channels) {
  net->Fold(torch::kFloat32, channels == 1);
  const int64_t side = net->options().side;
  const auto image =
      torch::zeros({1, channels, side, side}).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto features = net->Encode(image);
  return Microseconds([&] { net->Embed(image, features); });
}

// Of the new prototypes: hits of the pairs shown, and the time that one comparison takes.
void Retrieve(const EmbeddedPairs& pairs, const bundle::v1::Manifest& manifest,
              const torch::Tensor& matrix, PrototypesReport& report) {
  const ProlearnOptions sizes = ProlearnOptionsFrom(manifest);
  PrototypeMemory memory(sizes);
  memory->matrix().copy_(matrix);
  report.hits =
      CountHits(memory(pairs.shown.queries), pairs.shown.labels, sizes.labels, sizes.prototypes);
  memory->Fold();
  const auto one = pairs.shown.queries.narrow(0, 0, 1);
  report.retrieval_us = Microseconds([&] { memory(one); });
}

PrototypesReport ReportOf(const EmbeddedPairs& pairs, const PrototypeFit& fit,
                          const torch::Tensor& matrix, const bundle::v1::Manifest& manifest) {
  PrototypesReport report;
  report.pairs = pairs.used.size();
  report.pairs_there = pairs.there;
  for (const LabelSet& labels : pairs.used.labels) {
    report.unlabelled += labels.empty() ? 1 : 0;
  }
  for (int64_t label = 0; label < pairs.label_count; ++label) {
    report.pools.push_back(Judge(pairs.used, fit.pools[label], matrix[label]));
  }
  report.clusters = pairs.clusters;
  report.noise = pairs.noise;
  report.text_silhouette = pairs.text_silhouette;
  report.near_duplicates = NearDuplicateShare(matrix, manifest.prolearn().query_dim(), fit);
  report.hits_on = pairs.shown_name;
  Retrieve(pairs, manifest, matrix, report);
  return report;
}

absl::StatusOr<PrototypesReport> Refit(const PrototypesOptions& o, const Bundle& bundle) {
  LINGULA_ASSIGN_OR_RETURN(Prolearn net, LoadProlearn(bundle));
  LINGULA_ASSIGN_OR_RETURN(EmbeddedPairs pairs, EmbedPairs(o, bundle, net));
  if (HasEqualLengths(bundle.prototypes->metadata())) {
    pairs.used.queries = OfEqualLength(pairs.used.queries);
    pairs.used.texts = OfEqualLength(pairs.used.texts);
  }
  const bundle::v1::ProlearnSpec& spec = bundle.manifest.prolearn();
  const int per_label = o.per_label > 0 ? o.per_label : static_cast<int>(spec.prototypes());
  LINGULA_ASSIGN_OR_RETURN(const auto manifest, NextManifest(o, bundle, pairs, per_label));
  auto matrix =
      torch::empty({pairs.label_count, per_label, spec.query_dim() + spec.response_dim()});
  PrototypeOptions options;
  options.rule = o.rule;
  options.seed = o.seed;
  LINGULA_ASSIGN_OR_RETURN(const PrototypeFit fit, FitMatrix(pairs.used, options, matrix));
  PrototypesReport report = ReportOf(pairs, fit, matrix, manifest);
  if (report.unlabelled == report.pairs) {
    return absl::FailedPreconditionError("none of the pairs has a label: there is nothing to pool");
  }
  report.query_us = QueryMicroseconds(net, manifest.input().channels());
  report.bundle = BundleFolder(o.out, manifest);
  LINGULA_RETURN_IF_ERROR(WriteNext(bundle, manifest, matrix, report.bundle));
  return report;
}

}  // namespace

absl::StatusOr<PrototypesReport> MakePrototypes(const PrototypesOptions& o) {
  const torch::NoGradGuard no_grad;
  LINGULA_RETURN_IF_ERROR(Check(o));
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(o.bundle));
  if (bundle.manifest.family() != bundle::v1::FAMILY_PROLEARN) {
    return absl::FailedPreconditionError(
        absl::StrCat(o.bundle, ": is no bundle of family prolearn; others have no prototypes"));
  }
  std::error_code error;
  std::filesystem::create_directories(o.out, error);  // a failure shows at the first write
  LINGULA_ASSIGN_OR_RETURN(PrototypesReport report, Refit(o, bundle));
  LINGULA_RETURN_IF_ERROR(WriteFile(absl::StrCat(o.out, "/prototypes.json"), ToJson(report)));
  LINGULA_RETURN_IF_ERROR(WriteFile(absl::StrCat(o.out, "/prototypes.md"), ToMarkdown(report)));
  return report;
}

}  // namespace lingula
