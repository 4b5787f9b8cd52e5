#include "model/tools/import.h"

#include <cstring>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/backend/network_options.h"
#include "model/backend/text_tower.h"
#include "model/backend/weights.h"
#include "model/backend/write_bundle.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/import/checkpoint_map.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;
using Module = std::shared_ptr<torch::nn::Module>;

constexpr char kTowerPrefix[] = "text_encoder.model.";  // of checkpoints
constexpr char kMatrix[] = "prototype.matrix";

// Parts of a network and the prefix of their names in a checkpoint.
struct Part {
  std::string prefix;
  Module module;
};

class Importer {
 public:
  Importer(const ImportOptions& options, const std::function<void(const std::string&)>& step)
      : options_(options), step_(step), manifest_(options.manifest) {}

  absl::StatusOr<ImportReceipt> Run() {
    receipt_.folder = BundleFolder(options_.out, manifest_);
    if (std::filesystem::exists(absl::StrCat(receipt_.folder, "/", kManifestFile))) {
      return absl::AlreadyExistsError(
          absl::StrCat(receipt_.folder, ": holds a bundle already; choose another version"));
    }
    LINGULA_RETURN_IF_ERROR(TakeVocabulary());
    step_("reading the checkpoint");
    LINGULA_ASSIGN_OR_RETURN(const Checkpoint checkpoint, Checkpoint::Open(options_.checkpoint));
    LINGULA_RETURN_IF_ERROR(TakePrototypes());
    step_("building the network");
    MakeParts(checkpoint);
    LINGULA_RETURN_IF_ERROR(Fill(checkpoint));
    LINGULA_RETURN_IF_ERROR(WriteFiles());
    step_("recording the golden run");
    parts_.clear();  // it loads the network again, from the files
    LINGULA_RETURN_IF_ERROR(WriteGolden(receipt_.folder, manifest_));
    LINGULA_RETURN_IF_ERROR(FinishBundle(receipt_.folder, manifest_));
    return receipt_;
  }

 private:
  bool prolearn() const { return manifest_.family() == bundle::v1::FAMILY_PROLEARN; }

  static absl::StatusOr<torch::Tensor> Read(const Checkpoint& checkpoint, const std::string& key) {
    LINGULA_ASSIGN_OR_RETURN(const StoredTensor stored, checkpoint.Load(key));
    const TensorView view{stored.dtype, stored.shape, stored.bytes};
    auto tensor = ToTensor(view);
    if (tensor.ok() && tensor->is_floating_point() &&
        !torch::isfinite(*tensor).all().item<bool>()) {
      return absl::InvalidArgumentError(absl::StrCat(key, ": holds a value that is not finite"));
    }
    return tensor;
  }

  // The store that replaces the checkpoint's prototypes.
  absl::Status TakePrototypes() {
    if (options_.prototypes.empty()) {
      return absl::OkStatus();
    }
    if (!prolearn()) {
      return absl::InvalidArgumentError("only family prolearn has prototypes");
    }
    LINGULA_ASSIGN_OR_RETURN(const Checkpoint store, Checkpoint::Open(options_.prototypes));
    LINGULA_ASSIGN_OR_RETURN(matrix_, Read(store, "matrix"));
    if (matrix_.dim() != 3) {
      return absl::InvalidArgumentError(absl::StrCat(
          options_.prototypes, ": matrix must be [labels, prototypes, width], has the shape [",
          absl::StrJoin(matrix_.sizes(), ", "), "]"));
    }
    SetPrototypes(matrix_.size(0), matrix_.size(1));
    return absl::OkStatus();
  }

  void SetPrototypes(int64_t labels, int64_t prototypes) {
    manifest_.mutable_prolearn()->set_labels(static_cast<uint32_t>(labels));
    manifest_.mutable_prolearn()->set_prototypes(static_cast<uint32_t>(prototypes));
  }

  void MakeParts(const Checkpoint& checkpoint) {
    if (!prolearn()) {
      bert_ = Bert(BertOptionsFrom(BertSpecOf(manifest_)));
      parts_ = {{"", Sgseg(SgsegOptionsFrom(manifest_)).ptr()}, {kTowerPrefix, bert_.ptr()}};
      return;
    }
    const auto stored = checkpoint.tensors().find(absl::StrCat("model.", kMatrix));
    if (!matrix_.defined() && stored != checkpoint.tensors().end() &&
        stored->second.shape.size() == 3) {
      SetPrototypes(stored->second.shape[0], stored->second.shape[1]);
    }
    parts_ = {{"", Prolearn(ProlearnOptionsFrom(manifest_)).ptr()}};
  }

  static bundle::v1::BertSpec BertSpecOf(const Manifest& manifest) {
    bundle::v1::BertSpec spec = manifest.sgseg().text_encoder();
    spec.set_hidden(manifest.sgseg().report_dim());
    return spec;
  }

  // Every tensor of the parts by its name without the checkpoint's "model.".
  std::map<std::string, torch::Tensor> Wanted() const {
    std::map<std::string, torch::Tensor> wanted;
    for (const Part& part : parts_) {
      for (const auto& [name, tensor] : StateOf(*part.module)) {
        wanted[part.prefix + name] = tensor;
      }
    }
    return wanted;
  }

  absl::Status Fill(const Checkpoint& checkpoint) {
    torch::NoGradGuard no_grad;
    auto wanted = Wanted();
    if (matrix_.defined()) {
      wanted[kMatrix].copy_(matrix_);
      wanted.erase(kMatrix);
    }
    ShapeMap shapes;
    for (const auto& [name, tensor] : wanted) {
      shapes[name] = {tensor.is_floating_point() ? DType::kF32 : DType::kI64, tensor.sizes().vec()};
    }
    ShapeMap offered = checkpoint.tensors();
    if (matrix_.defined()) {
      offered.erase(absl::StrCat("model.", kMatrix));
      receipt_.ignored.push_back(absl::StrCat("model.", kMatrix));
    }
    LINGULA_ASSIGN_OR_RETURN(const KeyPlan plan,
                             PlanKeys(manifest_.family(), offered, shapes, !prolearn()));
    LINGULA_RETURN_IF_ERROR(CheckPositions(checkpoint, plan.positions));
    step_(absl::StrCat("reading ", plan.wanted.size(), " tensors"));
    for (const auto& [name, key] : plan.wanted) {
      LINGULA_ASSIGN_OR_RETURN(const torch::Tensor tensor, Read(checkpoint, key));
      wanted.at(name).copy_(tensor);
    }
    receipt_.tensors = static_cast<int64_t>(plan.wanted.size());
    receipt_.ignored.insert(receipt_.ignored.end(), plan.ignored.begin(), plan.ignored.end());
    return absl::OkStatus();
  }

  absl::Status Write(const char* file, const TensorWriter& writer) const {
    return writer.Write(absl::StrCat(receipt_.folder, "/", file));
  }

  absl::Status WriteFiles() {
    torch::NoGradGuard no_grad;
    step_("writing the bundle");
    std::error_code error;
    std::filesystem::create_directories(receipt_.folder,
                                        error);  // a failure shows at the first write
    TensorWriter weights;
    auto state = StateOf(*parts_[0].module);
    if (prolearn()) {
      TensorWriter prototypes;
      prototypes.Add("matrix", state.at(kMatrix));
      LINGULA_RETURN_IF_ERROR(Write(kPrototypesFile, prototypes));
      state.erase(kMatrix);
    } else {
      LINGULA_RETURN_IF_ERROR(WriteText());
    }
    for (const auto& [name, tensor] : state) {
      weights.Add(name, tensor, options_.half);
    }
    return Write(kWeightsFile, weights);
  }

  // The table of the 64 reports, and the tower itself where callers may send other text.
  absl::Status WriteText() {
    bert_->eval();
    TensorWriter reports;
    reports.Add("table", ReportTable(bert_, CxrBertIds));
    LINGULA_RETURN_IF_ERROR(Write(kReportsFile, reports));
    if (options_.vocabulary.empty()) {
      manifest_.mutable_sgseg()->clear_text_encoder();
      return absl::OkStatus();
    }
    LINGULA_RETURN_IF_ERROR(
        WriteFile(absl::StrCat(receipt_.folder, "/", kVocabularyFile), vocabulary_));
    TensorWriter tower;
    tower.AddState(*bert_, "", options_.half);
    return Write(kTextEncoderFile, tower);
  }

  // The table was made with CXR-BERT's numbers: the vocabulary must agree.
  absl::Status TakeVocabulary() {
    if (options_.vocabulary.empty()) {
      return absl::OkStatus();
    }
    if (prolearn()) {
      return absl::InvalidArgumentError("family prolearn reads no text: it has no vocabulary");
    }
    LINGULA_ASSIGN_OR_RETURN(vocabulary_, ReadFile(options_.vocabulary));
    const auto parsed = WordPiece::Parse(vocabulary_);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.vocabulary, ": ", parsed.status().message()));
    }
    for (unsigned bits = 0; bits < 1U << kZones; ++bits) {
      const ZoneBits zones(bits);
      const ReportIds expected = CxrBertIds(zones);
      const auto tokens = parsed->Encode(ReportFor(zones), kReportTokens);
      if (!std::equal(expected.begin(), expected.end(), tokens.ids.begin())) {
        return absl::InvalidArgumentError(
            absl::StrCat(options_.vocabulary, ": numbers the words of \"", ReportFor(zones),
                         "\" otherwise than CXR-BERT, which published checkpoints are made with"));
      }
    }
    return absl::OkStatus();
  }

  const ImportOptions& options_;
  const std::function<void(const std::string&)>& step_;
  Manifest manifest_;
  std::vector<Part> parts_;
  Bert bert_{nullptr};
  torch::Tensor matrix_;
  std::string vocabulary_;
  ImportReceipt receipt_;
};

}  // namespace

absl::StatusOr<ImportReceipt> ImportBundle(const ImportOptions& options,
                                           const std::function<void(const std::string&)>& step) {
  try {
    return Importer(options, step).Run();
  } catch (const std::exception& error) {  // c10::Error: sizes that Torch refuses
    return absl::InvalidArgumentError(
        absl::StrCat(options.checkpoint, ": cannot become a network: ", error.what()));
  }
}

}  // namespace lingula
