#include "model/train/learner.h"

#include "model/backend/network_options.h"
#include "model/backend/text_tower.h"

namespace lingula {
namespace {

BertOptions TowerOptions(const bundle::v1::SgsegSpec& spec) {
  BertOptions o;
  o.vocabulary = kGrammarVocabulary;
  o.positions = spec.report_tokens();
  o.hidden = spec.report_dim();
  o.heads = 4;
  o.layers = 2;
  o.feed_forward = 2 * spec.report_dim();
  o.dropout = 0;
  return o;
}

}  // namespace

LearnerImpl::LearnerImpl(const bundle::v1::Manifest& manifest)
    : net_(register_module("net", Sgseg(SgsegOptionsFrom(manifest)))),
      text_(register_module("text", Bert(TowerOptions(manifest.sgseg())))) {}

torch::Tensor LearnerImpl::ReportTable() {
  return lingula::ReportTable(text_, GrammarIds);
}

torch::Tensor ReportRows(const torch::Tensor& zones) {
  const auto place = torch::tensor({32, 16, 8, 4, 2, 1}, torch::kInt64);
  return ((zones >= 0.5).to(torch::kInt64) * place).sum(1);
}

}  // namespace lingula
