#include "tests/bench/nets_plans.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/backend/network_options.h"
#include "model/backend/text_tower.h"
#include "model/nets/bert.h"
#include "model/nets/conv_unit.h"
#include "model/nets/prolearn/prolearn.h"
#include "model/nets/sgseg/sgseg.h"
#include "model/nets/vit.h"
#include "model/parity/formula_fill.h"
#include "model/tools/import.h"
#include "model/train/report_tower.h"

namespace lingula::bench {
namespace {

constexpr int64_t kSide = 224;
constexpr char kPrefix[] = "model.";

// What a masked-language model puts on top of BERT: each position's score of every word.
class WordHeadImpl : public torch::nn::Module {
 public:
  WordHeadImpl(int64_t hidden, int64_t vocabulary)
      : dense_(register_module("dense", LinearUnit(hidden, hidden, Activation::kGelu))),
        norm_(register_module(
            "norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({hidden}).eps(1e-12)))),
        decoder_(register_module("decoder", LinearUnit(hidden, vocabulary))) {}
  torch::Tensor forward(const torch::Tensor& x) { return decoder_(norm_(dense_(x))); }
  void Fold(torch::ScalarType type) {
    dense_->Fold(type);
    decoder_->Fold(type);
    to(type);
  }

 private:
  LinearUnit dense_;
  torch::nn::LayerNorm norm_;
  LinearUnit decoder_;
};
TORCH_MODULE(WordHead);

class SgsegPlans final : public NetPlans {
 public:
  SgsegPlans(Published network, const NetForm& form) : form_(form) {
    const auto manifest = PublishedManifest(
        network == Published::kSgseg ? bundle::v1::FAMILY_SGSEG : bundle::v1::FAMILY_LANGUIDE);
    auto spec = manifest.sgseg().text_encoder();
    net_ = Sgseg(SgsegOptionsFrom(manifest));
    bert_ = Bert(BertOptionsFrom(spec));
    words_ = WordHead(spec.hidden(), spec.vocabulary());
    const Formula formula;
    formula.Fill(*net_, kPrefix);
    formula.Fill(*bert_, "model.text_encoder.model.");
    formula.Fill(*words_, "model.text_encoder.model.cls.");
    for (unsigned bits = 0; bits < 1U << kZones; ++bits) {
      const ReportIds ids = CxrBertIds(ZoneBits(bits));
      ids_.push_back(torch::tensor(std::vector<int>(ids.begin(), ids.end()), torch::kInt64));
    }
    if (form.folded) {
      net_->Fold(form.types, true);
      bert_->Fold(form.types.decoder);
      words_->Fold(form.types.decoder);
    }
    torch::NoGradGuard no_grad;
    table_ = net_->ProjectText(ReportTable(bert_, CxrBertIds));
  }

  torch::Tensor Served(const torch::Tensor& images) override {
    const auto features = net_->Encode(images);
    return Decode(features, SelectRows(table_, Rows(images, features)));
  }

  torch::Tensor Reference(const torch::Tensor& images) override {
    const auto features = net_->Encode(images);
    const auto rows = Rows(images, features);
    Rows(images, features);  // once more, for the zones that are returned
    std::vector<torch::Tensor> reports;
    for (int64_t i = 0; i < rows.size(0); ++i) {
      reports.push_back(ids_[rows[i].item<int64_t>()]);
    }
    const auto ids = torch::stack(reports);
    const auto hidden = bert_(ids, ids.ne(0));
    words_(hidden);
    return Decode(features, net_->ProjectText(hidden));
  }

 private:
  // Of each picture's report in the table; without a detector any will do.
  torch::Tensor Rows(const torch::Tensor& images, const Features& features) {
    if (std::holds_alternative<std::monostate>(net_->options().locator)) {
      return torch::arange(images.size(0)) + 7;
    }
    return ReportRows(torch::sigmoid(net_->Locate(images, features).zones.to(torch::kFloat32)));
  }
  torch::Tensor Decode(const Features& features, const ReportKeysValues& text) {
    return torch::sigmoid(net_->Decode(features, text, torch::Tensor()).to(torch::kFloat32));
  }

  const NetForm form_;
  Sgseg net_{nullptr};
  Bert bert_{nullptr};
  WordHead words_{nullptr};
  std::vector<torch::Tensor> ids_;  // [24], of each report
  ReportKeysValues table_;
};

class ProlearnPlans final : public NetPlans {
 public:
  explicit ProlearnPlans(const NetForm& form) : form_(form) {
    const auto options = ProlearnOptionsFrom(PublishedManifest(bundle::v1::FAMILY_PROLEARN));
    const Formula formula(Formula::kPublishedSalt, FormulaFamily::kProLearn);
    net_ = Prolearn(options);
    formula.Fill(*net_, kPrefix);
    if (!form.folded) {
      return;
    }
    const std::string visual = absl::StrCat(kPrefix, "prototype.encoder.model.visual.");
    const auto& sizes = std::get<VitOptions>(options.query);
    tower_ = Vit(sizes);
    formula.Fill(*tower_, visual + "trunk.");
    for (const auto& module : tower_->modules()) {
      if (auto* block = module->as<VitBlockImpl>()) {
        block->Fold(form.types.decoder);
      }
    }
    tower_->to(form.types.decoder);
    head_ = formula.Make(visual + "head.proj.weight", {options.query_dim, sizes.dim})
                .to(form.types.decoder);
    net_->Fold(form.types, true);
  }

  torch::Tensor Served(const torch::Tensor& images) override {
    return Decode(net_->Encode(images), net_->Embed(images));
  }

  torch::Tensor Reference(const torch::Tensor& images) override {
    const auto features = net_->Encode(images);
    Embed(images);
    Embed(images);
    return Decode(features, Embed(images));
  }

 private:
  // With every row of the last block, as the reference does.
  torch::Tensor Embed(const torch::Tensor& images) {
    if (!form_.folded) {
      return net_->Embed(images);
    }
    return torch::linear(tower_(images.expand({-1, 3, -1, -1})), head_);
  }
  torch::Tensor Decode(const Features& features, const torch::Tensor& embedding) {
    const Retrieval retrieval = net_->Retrieve(embedding);
    const auto logits = net_->Decode(features, retrieval.response, torch::Tensor());
    return torch::sigmoid(logits.to(torch::kFloat32));
  }

  const NetForm form_;
  Prolearn net_{nullptr};
  // Folded form only: the query tower, its blocks packed but whole.
  Vit tower_{nullptr};
  torch::Tensor head_;
};

}  // namespace

std::string NameOf(Published network) {
  return network == Published::kSgseg      ? "sgseg"
         : network == Published::kLanguide ? "languide"
                                           : "prolearn";
}

std::unique_ptr<NetPlans> MakePlans(Published network, const NetForm& form) {
  if (network == Published::kProlearn) {
    return std::make_unique<ProlearnPlans>(form);
  }
  return std::make_unique<SgsegPlans>(network, form);
}

torch::Tensor ImagesFor(const NetForm& form, int count) {
  const auto grey = Formula().Make("input.bench", {count, 1, kSide, kSide});
  if (!form.folded) {
    return grey.expand({count, 3, kSide, kSide}).contiguous();
  }
  return grey.to(form.types.decoder).contiguous(torch::MemoryFormat::ChannelsLast);
}

}  // namespace lingula::bench
