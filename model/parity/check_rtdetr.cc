// SGSeg's detector, RT-DETR-L, alone.
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/nets/rtdetr/rtdetr_detector.h"
#include "model/parity/check.h"
#include "model/parity/published.h"

namespace lingula::parity {
namespace {

// Chosen tokens in the order of their numbers: neighbours in rank can be nearer to each other than
// rounding.
torch::Tensor ByToken(const torch::Tensor& indices) {
  return indices.to(torch::kInt64).argsort(static_cast<int64_t>(1));
}

torch::Tensor Reorder(const torch::Tensor& queries, const torch::Tensor& order) {
  return queries.gather(1, order.unsqueeze(2).expand({-1, -1, queries.size(2)}));
}

absl::Status CompareQueries(FileCheck& check, const std::string& batch, const QueryAnswer& answer) {
  const std::string name = batch + ".topk_indices";
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor chosen, check.Input(name));
  const auto ours = ByToken(answer.topk_indices), theirs = ByToken(chosen);
  check.CompareTo(name, answer.topk_indices.gather(1, ours), chosen.gather(1, theirs), 0);
  const std::pair<std::string, torch::Tensor> stages[] = {
      {batch + ".layer0", answer.layers[0]},
      {batch + ".layer2", answer.layers[2]},
      {batch + ".queries", answer.layers.back()},
  };
  for (const auto& [stage, queries] : stages) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor expected, check.Input(stage));
    check.CompareTo(stage, Reorder(queries, ours), Reorder(expected, theirs),
                    check.Tolerance(stage));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRtDetr(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  RtDetrDetector detector{RtDetrOptions()}, folded{RtDetrOptions()};
  formula.Fill(*detector, "model.detector.");
  formula.Fill(*folded, "model.detector.");
  folded->Fold(torch::kFloat32, true);
  for (const std::string& batch : check.Batches()) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, check.folder().Images(batch));
    const auto compare = [&](const std::string& name, const torch::Tensor& actual) {
      check.Compare(absl::StrCat(batch, ".", name), actual);
    };
    const HgNetMaps maps = detector->Trunk(images);
    compare("stem", maps.stem);
    compare("hgblock_1", maps.hgblock_1);
    compare("s3", maps.s3);
    compare("s4", maps.s4);
    compare("s5", maps.s5);
    const EncodedMaps encoded = detector->Encode(maps);
    compare("aifi", encoded.aifi);
    compare("x1", encoded.x1);
    compare("x2", encoded.x2);
    compare("x3", encoded.x3);
    const QueryAnswer answer = detector->Query(encoded);
    compare("scores", answer.scores);
    LINGULA_RETURN_IF_ERROR(CompareQueries(check, batch, answer));
    const auto aggregated = detector->Aggregate(answer);
    compare("aggregated", aggregated);
    const auto logits = detector->Classify(aggregated);
    compare("zone_logits", logits);
    compare("zone_probabilities", torch::sigmoid(logits));
    const auto served = folded->forward(Grey(images));
    check.Compare(batch + ".zone_logits", served, kServed);
    check.Compare(batch + ".zone_probabilities", torch::sigmoid(served), kServed);
  }
  return absl::OkStatus();
}

}  // namespace lingula::parity
