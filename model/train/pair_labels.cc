#include "model/train/pair_labels.h"

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/train/pair_captions.h"

namespace lingula {
namespace {

Rows<float> RowsOf(const torch::Tensor& matrix) {
  return Rows<float>(
      absl::MakeConstSpan(matrix.data_ptr<float>(), static_cast<size_t>(matrix.numel())),
      matrix.size(1));
}

}  // namespace

absl::StatusOr<PairLabeller> PairLabeller::OfClusters(const torch::Tensor& texts,
                                                      const train::v1::Recipe& recipe) {
  if (texts.size(0) < static_cast<int64_t>(recipe.prolearn().min_cluster_size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(texts.size(0), " captions are fewer than the smallest cluster, ",
                     recipe.prolearn().min_cluster_size(),
                     ": lower min_cluster_size (in the recipe, or --min-cluster-size), or use more "
                     "of the text"));
  }
  TextPoolOptions options;
  options.hdbscan.min_cluster_size = static_cast<int>(recipe.prolearn().min_cluster_size());
  options.most = static_cast<int>(recipe.bundle().prolearn().labels());
  options.noise_joins = !recipe.prolearn().leave_out_noise();
  PairLabeller labeller;
  labeller.texts_ = texts.contiguous();
  LINGULA_ASSIGN_OR_RETURN(labeller.pools_, PoolTexts(RowsOf(labeller.texts_), options));
  labeller.count_ = labeller.pools_.count;
  return labeller;
}

std::string PairLabeller::Describe() const {
  return texts_.defined()
             ? absl::StrCat(pools_.count, " pools of ", pools_.found, " clusters; ", pools_.noise,
                            " of ", texts_.size(0), " captions were noise")
             : absl::StrCat(count_, " lung zones");
}

LabelSet PairLabeller::Nearest(const torch::Tensor& text) const {
  const auto row = text.contiguous();
  const int32_t label = NearestLabel(
      RowsOf(texts_), pools_.labels,
      absl::MakeConstSpan(row.data_ptr<float>(), static_cast<size_t>(row.numel())), false);
  return label < 0 ? LabelSet() : LabelSet{label};
}

std::vector<LabelSet> PairLabeller::For(const TrainBatch& batch,
                                        const std::vector<std::string>& captions,
                                        const torch::Tensor& texts) const {
  std::vector<LabelSet> labels(captions.size());
  const auto zones = batch.zones.to(torch::kCPU);
  for (size_t i = 0; i < captions.size(); ++i) {
    const auto sample = static_cast<int64_t>(i);
    if (captions[i].empty()) {
      continue;
    }
    if (texts_.defined()) {
      labels[i] = Nearest(texts[sample]);
      continue;
    }
    const ZoneBits bits = ZonesOf(zones, sample);
    for (int z = 0; z < kZones; ++z) {
      if (bits[z]) {
        labels[i].push_back(z);
      }
    }
  }
  return labels;
}

torch::Tensor LabelBits(const std::vector<LabelSet>& labels, int64_t count) {
  const auto bits = torch::zeros({static_cast<int64_t>(labels.size()), count});
  auto values = bits.accessor<float, 2>();
  for (size_t i = 0; i < labels.size(); ++i) {
    for (const int32_t label : labels[i]) {
      values[static_cast<int64_t>(i)][label] = 1;
    }
  }
  return bits;
}

std::vector<LabelSet> LabelSets(const torch::Tensor& bits) {
  const auto here = bits.to(torch::kCPU).to(torch::kFloat32).contiguous();
  const auto values = here.accessor<float, 2>();
  std::vector<LabelSet> labels(here.size(0));
  for (int64_t i = 0; i < here.size(0); ++i) {
    for (int64_t label = 0; label < here.size(1); ++label) {
      if (values[i][label] > 0) {
        labels[i].push_back(static_cast<int32_t>(label));
      }
    }
  }
  return labels;
}

}  // namespace lingula
