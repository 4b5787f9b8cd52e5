// ProLearn: its pieces alone, BiomedCLIP's towers, and from image to mask.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/backend/prolearn_engine.h"
#include "model/base/status_macros.h"
#include "model/nets/prolearn/clip_text.h"
#include "model/nets/prolearn/guided_approximation.h"
#include "model/nets/prolearn/prolearn.h"
#include "model/nets/prolearn/prototype_guide.h"
#include "model/nets/prolearn/prototype_memory.h"
#include "model/parity/check.h"
#include "model/parity/published.h"
#include "model/parity/serve.h"

namespace lingula::parity {
namespace {

absl::StatusOr<Formula> ProlearnFormula(const FileCheck& check) {
  return check.MakeFormula(FormulaFamily::kProLearn);
}

// What the tap sees, compared where the file has it.
Tap ComparingTap(FileCheck& check, const std::string& prefix = "") {
  return [&check, prefix](const std::string& name, const torch::Tensor& value) {
    const std::string stored = prefix + name;
    if (check.Has(stored) || check.Has(stored + ".sample")) {
      check.Compare(stored, value);
    }
  };
}

Prolearn NetByFormula(const Formula& formula, int64_t prototypes, int64_t top_k) {
  ProlearnOptions options;
  options.encoder = ConvNextOptions();
  options.prototypes = prototypes;
  options.top_k = top_k;
  Prolearn net(options);
  formula.Fill(*net, "model.");
  return net;
}

absl::StatusOr<int64_t> IntNote(const FileCheck& check, const std::string& key) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json json, check.JsonNote(key));
  if (!json.is_number_integer() || json.get<int64_t>() < 1) {
    return absl::InvalidArgumentError(absl::StrCat("metadata ", key, ": not a positive number"));
  }
  return json.get<int64_t>();
}

// Nearest prototypes by one measure, from formula embeddings.
absl::Status CompareQuery(FileCheck& check, const Formula& formula, const std::string& name,
                          Similarity similarity) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor scores, check.Input(name + ".scores"));
  PrototypeMemoryOptions options;
  options.prototypes = scores.size(1) / options.labels;
  options.similarity = similarity;
  PrototypeMemory memory(options);
  formula.Fill(*memory, "model.prototype.");
  const Retrieval found = memory(formula.Make("input.query", {scores.size(0), options.query_dim}));
  check.Compare(name + ".scores", found.scores);
  check.CompareExactly(name + ".topk_rows", found.rows);
  const auto pairs = {found.rows.div(options.prototypes, "floor"),
                      found.rows.remainder(options.prototypes)};
  check.CompareExactly(name + ".topk_label_prototype", torch::stack(pairs, 2));
  check.CompareWithin(name + ".topk_values", found.values, check.Tolerance(name + ".scores"));
  check.CompareExactly(name + ".response", found.response);  // copied, not computed
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckGuideB(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, ProlearnFormula(check));
  const auto response = formula.Make("input.response", {2, 3, 512});
  for (const int64_t stride : {16, 8, 4}) {
    const int64_t side = 112 / stride;
    PrototypeGuideOptions options;
    options.channels = 48 * stride;
    PrototypeGuide guide(options);
    formula.Fill(*guide, absl::StrCat("model.decoder", stride, ".guide_layer."));
    const auto x =
        formula.Make(absl::StrCat("input.guide", stride, ".x"), {2, side * side, options.channels});
    const auto text = guide->ProjectText(response);
    check.Compare(absl::StrCat("text_project", stride), text);
    check.Compare(absl::StrCat("self_attn", stride), guide->self_attn()->forward(x));
    check.Compare(absl::StrCat("cross_attn", stride),
                  guide->cross_attn()->forward(x, text, torch::Tensor()));
    const std::string name = absl::StrCat("guide", stride);
    check.Compare(name, guide(x, response, torch::Tensor()));
    guide->Fold(side * side, torch::kFloat32);
    check.Compare(name, guide(x, response, torch::Tensor()), kServed);
  }
  return absl::OkStatus();
}

absl::Status CheckApprox(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, ProlearnFormula(check));
  const auto response = formula.Make("input.response", {2, 3, 512});
  for (int i = 1; i <= 3; ++i) {
    const std::string name = absl::StrCat("approx", i);
    GuidedApproximationOptions options;
    options.visual_channels = 1536 >> i;
    options.skip_channels = 768 >> i;
    const int64_t visual = 49 << 2 * (i - 1), skip = 4 * visual;
    GuidedApproximation approx(options);
    formula.Fill(*approx, absl::StrCat("model.", name, "."));
    const auto vis =
        formula.Make(absl::StrCat("input.", name, ".vis"), {2, visual, options.visual_channels});
    const auto fine =
        formula.Make(absl::StrCat("input.", name, ".skip"), {2, skip, options.skip_channels});
    check.Compare(name, approx->forward(response, vis, fine, ComparingTap(check, name + ".")));
    approx->Fold(visual, skip, torch::kFloat32);
    check.Compare(name, approx->forward(response, vis, fine), kServed);
  }
  return absl::OkStatus();
}

absl::Status CheckQuery(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, ProlearnFormula(check));
  LINGULA_RETURN_IF_ERROR(CompareQuery(check, formula, "cosine", Similarity::kCosine));
  return CompareQuery(check, formula, "euclidean", Similarity::kEuclidean);
}

absl::Status CheckBiomedClipVision(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, ProlearnFormula(check));
  const ProlearnOptions published;
  Prolearn net = NetByFormula(formula, published.prototypes, published.top_k);
  for (const std::string& batch : check.Batches()) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, check.folder().Images(batch));
    const Tap stages = ComparingTap(check, batch + ".");
    const Tap tap = [&](const std::string& name, const torch::Tensor& value) {
      stages(name, value);
      if (name == "norm") {
        stages("norm_cls", value.select(1, 0));
      }
    };
    check.Compare(batch + ".embedding", net->Embed(images, tap));
  }
  return absl::OkStatus();
}

absl::Status CheckBiomedClipText(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, ProlearnFormula(check));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor ids, check.Input("ids"));
  ClipText tower{ClipTextOptions()};
  formula.Fill(*tower, "model.prototype.encoder.model.text.");
  const Tap tap = [&](const std::string& name, const torch::Tensor& value) {
    check.Compare(name, value);
    if (name == "hidden") {
      check.Compare("hidden_cls", value.select(1, 0));
    }
  };
  check.Compare("embedding", tower->forward(ids.to(torch::kInt64), tap));
  return absl::OkStatus();
}

absl::Status CheckProlearn(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, ProlearnFormula(check));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, NamedImages(check));
  LINGULA_ASSIGN_OR_RETURN(const int64_t prototypes, IntNote(check, "M"));
  LINGULA_ASSIGN_OR_RETURN(const int64_t top_k, IntNote(check, "k"));
  Prolearn net = NetByFormula(formula, prototypes, top_k);
  const auto embedding = net->Embed(images);
  check.Compare("image_embedding", embedding);
  const Retrieval found = net->Retrieve(embedding);
  check.Compare("scores", found.scores);
  check.CompareExactly("topk_rows", found.rows);
  check.Compare("response", found.response);
  const auto logits =
      net->Decode(net->Encode(images), found.response, torch::Tensor(), ComparingTap(check));
  check.Compare("logits", logits);
  check.Compare("probabilities", torch::sigmoid(logits));
  const NetForm form;
  net->Fold(form.types, true);
  ProlearnEngine engine(net, InputSpec(), form);
  LINGULA_ASSIGN_OR_RETURN(const Served served,
                           Serve(engine, images, Alike(images, GuidanceMode::kPrototypes)));
  check.Compare("probabilities", served.probabilities, kServed);
  return absl::OkStatus();
}

}  // namespace lingula::parity
