#include "model/tools/prototypes_pairs.h"

#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/cluster/silhouette.h"
#include "model/tools/read_images.h"
#include "model/train/image_cache.h"
#include "model/train/image_queries.h"
#include "model/train/pair_captions.h"
#include "model/train/pair_labels.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

constexpr char kKept[] = "embeddings.safetensors";
constexpr char kTower[] = "text_tower.safetensors";
constexpr char kMadeOf[] = "made_of";

// What the classes of training need to know.
train::v1::Recipe RecipeOf(const PrototypesOptions& o, const bundle::v1::Manifest& manifest) {
  train::v1::Recipe recipe;
  *recipe.mutable_bundle() = manifest;
  if (o.most_labels > 0) {
    recipe.mutable_bundle()->mutable_prolearn()->set_labels(static_cast<uint32_t>(o.most_labels));
  }
  auto& p = *recipe.mutable_prolearn();
  p.set_labels(LabelsAreZones(o, manifest) ? train::v1::PAIR_LABELS_ZONES
                                           : train::v1::PAIR_LABELS_CLUSTERS);
  p.set_min_cluster_size(static_cast<uint32_t>(o.min_cluster_size));
  p.set_leave_out_noise(o.leave_out_noise);
  return recipe;
}

// Rows of the pairs that text_percent leaves, ascending; as PairCaptions chooses.
std::vector<int64_t> Chosen(int64_t count, const PrototypesOptions& o) {
  std::vector<int64_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0);
  return ChooseRows(std::move(rows), o.text_percent / 100, o.seed);
}

PairSet Selected(const PairSet& pairs, const std::vector<int64_t>& rows) {
  const auto index = torch::tensor(rows, torch::kInt64);
  PairSet some{pairs.queries.index_select(0, index), pairs.texts.index_select(0, index), {}};
  for (const int64_t row : rows) {
    some.labels.push_back(pairs.labels[row]);
  }
  return some;
}

// A matrix [n, width] of finite values.
absl::StatusOr<torch::Tensor> Matrix(const SafeTensors& file, const char* name, int64_t width) {
  LINGULA_ASSIGN_OR_RETURN(const TensorView view, file.Get(name));
  LINGULA_ASSIGN_OR_RETURN(torch::Tensor tensor, ToTensor(view));
  tensor = tensor.to(torch::kFloat32);
  if (tensor.dim() != 2 || tensor.size(1) != width || tensor.size(0) == 0) {
    return absl::InvalidArgumentError(absl::StrCat(file.path(), ": ", name, " has the shape [",
                                                   absl::StrJoin(view.shape, ", "),
                                                   "], needs [pairs, ", width, "]"));
  }
  if (!torch::isfinite(tensor).all().item<bool>()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.path(), ": ", name, " holds a value that is not finite"));
  }
  return tensor;
}

absl::StatusOr<PairSet> ReadEmbeddings(const std::string& path,
                                       const bundle::v1::ProlearnSpec& spec, bool labelled) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors file, SafeTensors::Open(path));
  PairSet pairs;
  LINGULA_ASSIGN_OR_RETURN(pairs.queries, Matrix(file, "images", spec.query_dim()));
  LINGULA_ASSIGN_OR_RETURN(pairs.texts, Matrix(file, "texts", spec.response_dim()));
  pairs.labels.resize(pairs.size());
  if (labelled) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor bits, Matrix(file, "labels", kZones));
    pairs.labels = LabelSets(bits);
  }
  if (pairs.texts.size(0) != pairs.size() ||
      static_cast<int64_t>(pairs.labels.size()) != pairs.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has ", pairs.size(), " images, ", pairs.texts.size(0), " texts and ",
                     pairs.labels.size(), " rows of labels; they must be as many"));
  }
  return pairs;
}

absl::StatusOr<ImageCache> Images(const std::string& csv, const bundle::v1::Manifest& manifest,
                                  bool skip_broken) {
  LINGULA_ASSIGN_OR_RETURN(const auto rows, ReadDataManifest(csv, "", Masks::kOptional));
  return ReadImages(csv, rows, InputSpecFrom(manifest.input()), skip_broken);
}

std::string TowerFile(const PrototypesOptions& o, const Bundle& bundle) {
  const auto beside = std::filesystem::path(bundle.folder).parent_path().parent_path() / kTower;
  return o.text_tower.empty() ? beside.string() : o.text_tower;
}

absl::StatusOr<SavedCaptionTower> Tower(const PrototypesOptions& o, const Bundle& bundle) {
  const std::string path = TowerFile(o, bundle);
  auto saved = LoadCaptionTower(path);
  const int64_t needed = bundle.manifest.prolearn().response_dim();
  if (absl::IsNotFound(saved.status()) && o.text_tower.empty()) {
    return absl::NotFoundError(
        absl::StrCat(path,
                     ": is not there; --text-tower names the file that lingula-train wrote, "
                     "or --embeddings brings texts that are embedded already"));
  }
  if (saved.ok() && saved->tower->options().response_dim != needed) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": makes texts of ", saved->tower->options().response_dim,
                     " values, the bundle's prototypes answer with ", needed));
  }
  return saved;
}

// Pairs of a data manifest; captions as in training.
struct FromData {
  ImageCache cache;
  PairCaptions captions;
  PairSet pairs;  // without labels
};

// What embeddings of this data manifest depend on, as a digest.
absl::StatusOr<std::string> Origin(const std::string& csv, const Bundle& bundle,
                                   const std::string& tower) {
  LINGULA_ASSIGN_OR_RETURN(const std::string rows, ReadFile(csv));
  LINGULA_ASSIGN_OR_RETURN(const std::string weights, ReadFile(tower));
  return Sha256Hex(absl::StrCat(bundle.weights_sha256, Sha256Hex(rows), Sha256Hex(weights)));
}

// Those of an earlier run.
absl::StatusOr<PairSet> Kept(const std::string& kept, const std::string& origin,
                             const Bundle& bundle) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors file, SafeTensors::Open(kept));
  const auto found = file.metadata().find(kMadeOf);
  if (found == file.metadata().end() || found->second != origin) {
    return absl::FailedPreconditionError(
        absl::StrCat(kept, ": was made of other weights or data; remove it or leave out --resume"));
  }
  return ReadEmbeddings(kept, bundle.manifest.prolearn(), false);
}

// `keep`: into OUT, where a resumed run finds them.
absl::StatusOr<FromData> EmbedData(const std::string& csv, const PrototypesOptions& o,
                                   const Bundle& bundle, Prolearn& net, bool keep) {
  LINGULA_ASSIGN_OR_RETURN(ImageCache cache, Images(csv, bundle.manifest, o.skip_broken));
  LINGULA_ASSIGN_OR_RETURN(PairCaptions captions,
                           PairCaptions::Of(cache, RecipeOf(o, bundle.manifest)));
  FromData from{std::move(cache), std::move(captions), {}};
  LINGULA_ASSIGN_OR_RETURN(SavedCaptionTower tower, Tower(o, bundle));
  LINGULA_ASSIGN_OR_RETURN(const std::string origin, Origin(csv, bundle, TowerFile(o, bundle)));
  const std::string kept = absl::StrCat(o.out, "/", kKept);
  if (keep && o.resume && std::filesystem::exists(kept)) {
    LINGULA_ASSIGN_OR_RETURN(from.pairs, Kept(kept, origin, bundle));
    return from;
  }
  const torch::NoGradGuard no_grad;
  const auto count = static_cast<int64_t>(from.captions.rows().size());
  Progress progress("embedding " + csv, count);
  from.pairs.queries = QueriesOf(net, from.cache, from.captions.rows(),
                                 [&](int64_t done) { progress.Advance(done); });
  from.pairs.texts = EmbedCaptions(tower.tower, tower.words, from.captions.captions());
  from.pairs.labels.resize(count);
  if (keep) {
    TensorWriter writer;
    writer.Add("images", from.pairs.queries);
    writer.Add("texts", from.pairs.texts);
    LINGULA_RETURN_IF_ERROR(writer.Write(kept, {{kMadeOf, origin}}));
  }
  return from;
}

// Labels of pairs that come from a data manifest.
std::vector<LabelSet> LabelsOf(const FromData& from, const PairLabeller& labeller) {
  TrainBatch batch;
  batch.rows = torch::tensor(from.captions.rows(), torch::kInt64);
  batch.zones = from.cache.zones.index_select(0, batch.rows);
  return labeller.For(batch, from.captions.captions(), from.pairs.texts);
}

double TextSilhouette(const PairSet& pairs) {
  std::vector<int32_t> labels;
  for (const LabelSet& set : pairs.labels) {
    labels.push_back(set.empty() ? -1 : set.front());
  }
  const auto texts = pairs.texts.contiguous();
  const Rows<float> rows(
      absl::MakeConstSpan(texts.data_ptr<float>(), static_cast<size_t>(texts.numel())),
      texts.size(1));
  return MeanSilhouette(rows, labels);
}

// The labels of all pairs; those that are clusters are found among the chosen ones.
absl::StatusOr<PairLabeller> Label(const PrototypesOptions& o, const Bundle& bundle,
                                   const std::optional<FromData>& data,
                                   const std::vector<int64_t>& chosen, PairSet& all) {
  if (LabelsAreZones(o, bundle.manifest)) {
    const PairLabeller labeller;
    all.labels = data.has_value() ? LabelsOf(*data, labeller) : all.labels;
    return labeller;
  }
  const auto texts = all.texts.index_select(0, torch::tensor(chosen, torch::kInt64));
  LINGULA_ASSIGN_OR_RETURN(const PairLabeller labeller,
                           PairLabeller::OfClusters(texts, RecipeOf(o, bundle.manifest)));
  for (int64_t i = 0; i < all.size(); ++i) {
    all.labels[i] = labeller.Nearest(all.texts[i]);
  }
  return labeller;
}

}  // namespace

bool LabelsAreZones(const PrototypesOptions& o, const bundle::v1::Manifest& manifest) {
  return o.labels == PrototypeLabels::kZones ||
         (o.labels == PrototypeLabels::kAuto &&
          manifest.modality() == bundle::v1::MODALITY_CHEST_XRAY);
}

absl::StatusOr<EmbeddedPairs> EmbedPairs(const PrototypesOptions& o, const Bundle& bundle,
                                         Prolearn& net) {
  const bool zones = LabelsAreZones(o, bundle.manifest);
  std::optional<FromData> data;
  PairSet all;
  if (!o.embeddings.empty()) {
    LINGULA_ASSIGN_OR_RETURN(all, ReadEmbeddings(o.embeddings, bundle.manifest.prolearn(), zones));
  } else {
    LINGULA_ASSIGN_OR_RETURN(data, EmbedData(o.data, o, bundle, net, true));
    all = data->pairs;
  }
  const std::vector<int64_t> chosen = Chosen(all.size(), o);
  LINGULA_ASSIGN_OR_RETURN(const PairLabeller labeller, Label(o, bundle, data, chosen, all));
  EmbeddedPairs pairs;
  pairs.there = all.size();
  pairs.used = Selected(all, chosen);
  pairs.label_count = labeller.count();
  pairs.clusters = labeller.pools().found;
  pairs.noise = labeller.pools().noise;
  pairs.text_silhouette = zones ? std::nan("") : TextSilhouette(pairs.used);
  std::string shown = o.embeddings.empty() ? o.data : o.embeddings;
  pairs.shown = std::move(all);
  if (!o.validation.empty()) {
    LINGULA_ASSIGN_OR_RETURN(FromData held, EmbedData(o.validation, o, bundle, net, false));
    held.pairs.labels = LabelsOf(held, labeller);
    pairs.shown = std::move(held.pairs);
    shown = o.validation;
  }
  pairs.shown_name = std::filesystem::path(shown).stem().string();
  return pairs;
}

}  // namespace lingula
