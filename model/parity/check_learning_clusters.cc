// Clustering: k-means, HDBSCAN*, and the prototypes that ProLearn fits with k-means.
#include <algorithm>
#include <map>

#include <ATen/CPUGeneratorImpl.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/base/status_macros.h"
#include "model/base/zones.h"
#include "model/cluster/agreement.h"
#include "model/cluster/hdbscan.h"
#include "model/cluster/prototypes.h"
#include "model/parity/check.h"

namespace lingula::parity {
namespace {

constexpr double kCentreTolerance = 1e-4;
constexpr double kProbabilityTolerance = 1e-6;

// A stored matrix as T. The tensor owns the rows' memory.
template <typename T>
torch::Tensor As(const torch::Tensor& matrix) {
  return matrix.to(torch::CppTypeToScalarType<T>()).contiguous();
}
template <typename T>
absl::Span<const T> Values(const torch::Tensor& tensor) {
  return absl::MakeConstSpan(tensor.data_ptr<T>(), tensor.numel());
}
template <typename T>
Rows<T> RowsOf(const torch::Tensor& matrix) {
  return Rows<T>(Values<T>(matrix), matrix.size(1));
}
torch::Tensor LabelTensor(const std::vector<int32_t>& labels) {
  return torch::tensor(labels, torch::kInt32);
}

// The sets of points in the file.
std::vector<std::string> PointSets(const FileCheck& check) {
  std::vector<std::string> sets;
  for (const std::string& name : check.Names()) {
    if (absl::string_view set = name; absl::ConsumeSuffix(&set, ".points")) {
      sets.emplace_back(set);
    }
  }
  return sets;
}

template <typename T>
absl::Status CompareKMeans(FileCheck& check, const std::string& set, const std::string& type) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor points, check.Input(set + ".points"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor start, check.Input(set + ".init"));
  const torch::Tensor typed_points = As<T>(points), typed_start = As<T>(start);
  LINGULA_ASSIGN_OR_RETURN(const KMeansResult found,
                           KMeans(RowsOf<T>(typed_points), RowsOf<T>(typed_start)));
  const std::string name = absl::StrCat(set, ".", type, ".");
  check.CompareExactly(name + "labels", LabelTensor(found.labels));
  check.CompareWithin(name + "centres",
                      torch::tensor(found.centres, torch::kFloat64).view_as(start),
                      kCentreTolerance);
  return absl::OkStatus();
}

HdbscanOptions OptionsOf(const nlohmann::json& setting) {
  HdbscanOptions options;
  options.min_cluster_size = setting.value("min_cluster_size", options.min_cluster_size);
  options.min_samples = setting.value("min_samples", options.min_samples);
  options.cluster_selection_epsilon =
      setting.value("cluster_selection_epsilon", options.cluster_selection_epsilon);
  options.max_cluster_size = setting.value("max_cluster_size", options.max_cluster_size);
  options.alpha = setting.value("alpha", options.alpha);
  options.allow_single_cluster =
      setting.value("allow_single_cluster", options.allow_single_cluster);
  options.selection = setting.value("cluster_selection_method", "eom") == "leaf"
                          ? ClusterSelection::kLeaf
                          : ClusterSelection::kExcessOfMass;
  return options;
}

// Numbers the clusters as they appear, so that labellings that differ in names alone are equal.
std::vector<int32_t> Renumbered(absl::Span<const int32_t> labels) {
  std::map<int32_t, int32_t> names = {{-1, -1}};
  std::vector<int32_t> renumbered;
  for (const int32_t label : labels) {
    const auto next = static_cast<int32_t>(names.size()) - 1;
    renumbered.push_back(names.emplace(label, next).first->second);
  }
  return renumbered;
}

// Labels of the points read in the order `order`, [n], back in the stored order.
absl::StatusOr<torch::Tensor> LabelsInOrder(const torch::Tensor& points, const torch::Tensor& order,
                                            const HdbscanOptions& options) {
  const torch::Tensor turned = points.index_select(0, order);
  LINGULA_ASSIGN_OR_RETURN(const HdbscanResult found, Hdbscan(RowsOf<double>(turned), options));
  return torch::empty({points.size(0)}, torch::kInt32)
      .index_copy_(0, order, LabelTensor(found.labels));
}

// Equal distances make these labels depend on the order of the points and, in scikit-learn, on how
// a processor sorts: without AVX-512 it misses its own bar. So that neither side's order counts,
// the nearest of several orders has to meet the lowest agreement that was recorded between orders.
absl::Status CompareOrderDependent(FileCheck& check, const std::string& name,
                                   const torch::Tensor& points, const torch::Tensor& expected,
                                   const HdbscanOptions& options, double lowest) {
  constexpr int kOrders = 7;
  auto random = at::detail::createCPUGenerator(1);
  torch::Tensor order = torch::arange(points.size(0));
  double nearest = -1;
  for (int i = 0; i < kOrders; ++i) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor labels, LabelsInOrder(points, order, options));
    nearest =
        std::max(nearest, AdjustedRandIndex(Values<int32_t>(labels), Values<int32_t>(expected)));
    order = torch::randperm(points.size(0), random);
  }
  check.Add({absl::StrCat(name, "labels (1 - Rand index, nearest of ", kOrders, " orders)"),
             1 - nearest, 1 - lowest, ""});
  return absl::OkStatus();
}

absl::Status CompareHdbscan(FileCheck& check, const nlohmann::json& one) {
  const auto set = one.at("set").get<std::string>();
  const std::string name = absl::StrCat(set, ".", one.at("setting").get<int>(), ".");
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor stored, check.Input(set + ".points"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor labels, check.Input(name + "labels"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor probabilities, check.Input(name + "probabilities"));
  const torch::Tensor points = As<double>(stored);
  const HdbscanOptions options = OptionsOf(one);
  if (!one.at("order_independent").get<bool>()) {
    return CompareOrderDependent(check, name, points, labels, options,
                                 one.at("lowest_ari_under_permutation").get<double>());
  }
  LINGULA_ASSIGN_OR_RETURN(const HdbscanResult found, Hdbscan(RowsOf<double>(points), options));
  check.CompareTo(name + "labels", LabelTensor(Renumbered(found.labels)),
                  LabelTensor(Renumbered(Values<int32_t>(labels))), 0, "renumbered");
  if (one.at("probability_change_under_permutation").get<double>() < 1e-9) {
    check.CompareWithin(name + "probabilities", torch::tensor(found.probabilities, torch::kFloat64),
                        kProbabilityTolerance);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LabelSet>> ZonesOf(const torch::Tensor& bits) {
  if (bits.dim() != 2 || bits.size(1) != kZones) {
    return absl::InvalidArgumentError("zone_bits: not of shape [n, 6]");
  }
  std::vector<LabelSet> zones(bits.size(0));
  for (int64_t i = 0; i < bits.size(0); ++i) {
    for (int z = 0; z < kZones; ++z) {
      if (bits[i][z].item<int>() != 0) {
        zones[i].push_back(z);
      }
    }
  }
  return zones;
}

}  // namespace

absl::Status CheckKMeans(FileCheck& check) {
  for (const std::string& set : PointSets(check)) {
    LINGULA_RETURN_IF_ERROR(CompareKMeans<float>(check, set, "float32"));
    LINGULA_RETURN_IF_ERROR(CompareKMeans<double>(check, set, "float64"));
  }
  return absl::OkStatus();
}

absl::Status CheckHdbscan(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json cases, check.Json("hdbscan_cases.json"));
  for (const nlohmann::json& one : cases) {
    LINGULA_RETURN_IF_ERROR(CompareHdbscan(check, one));
  }
  return absl::OkStatus();
}

absl::Status CheckPrototypeFit(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor image, check.Input("image_embeddings"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor text, check.Input("text_embeddings"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor bits, check.Input("zone_bits"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor matrix, check.Input("matrix"));
  LINGULA_ASSIGN_OR_RETURN(const std::vector<LabelSet> zones, ZonesOf(bits));
  // What a zone starts from is recorded only where it survives: in zones without pairs.
  const torch::Tensor empty = bits.sum(0).eq(0).view({-1, 1, 1});
  const torch::Tensor initial = torch::where(empty, matrix, torch::zeros_like(matrix));
  PairEmbeddings pairs;
  pairs.image = Values<float>(image);
  pairs.text = Values<float>(text);
  pairs.image_width = image.size(1);
  pairs.text_width = text.size(1);
  pairs.labels = zones;
  PrototypeOptions options;
  options.labels = kZones;
  options.per_label = static_cast<int>(matrix.size(1));
  options.start = PrototypeStart::kFirstMembers;
  LINGULA_ASSIGN_OR_RETURN(const PrototypeFit fit,
                           FitPrototypes(pairs, Values<float>(initial), options));
  check.CompareWithin("matrix", torch::tensor(fit.matrix).view_as(matrix), 1e-5);
  for (int z = 0; z < kZones; ++z) {
    const std::string name = absl::StrCat("zone", z, ".");
    if (fit.pools[z].members.empty()) {
      continue;
    }
    check.CompareExactly(name + "labels", LabelTensor(fit.pools[z].clusters));
    check.CompareWithin(name + "sklearn_centres",
                        torch::tensor(fit.pools[z].clustering.centres, torch::kFloat64)
                            .view({options.per_label, -1}),
                        kCentreTolerance);
  }
  return absl::OkStatus();
}

}  // namespace lingula::parity
