#include "model/train/learner.h"

#include "model/backend/sgseg_options.h"
#include "model/text/report_grammar.h"

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

// Token ids of the 64 reports, [64, kReportTokens].
torch::Tensor AllReportIds() {
  auto ids = torch::empty({1 << kZones, kReportTokens}, torch::kInt64);
  for (unsigned bits = 0; bits < (1U << kZones); ++bits) {
    const ZoneBits zones(bits);
    const ReportIds tokens = GrammarIds(zones);
    for (int t = 0; t < kReportTokens; ++t) {
      ids[ReportRow(zones)][t] = tokens[t];
    }
  }
  return ids;
}

}  // namespace

LearnerImpl::LearnerImpl(const bundle::v1::Manifest& manifest)
    : net_(register_module("net", Sgseg(SgsegOptionsFrom(manifest)))),
      text_(register_module("text", Bert(TowerOptions(manifest.sgseg())))),
      ids_(AllReportIds()),
      mask_((ids_ != 0).to(torch::kInt64)) {}

torch::Tensor LearnerImpl::ReportTable() {
  return text_(ids_, mask_);
}

torch::Tensor ReportRows(const torch::Tensor& zones) {
  const auto place = torch::tensor({32, 16, 8, 4, 2, 1}, torch::kInt64);
  return ((zones >= 0.5).to(torch::kInt64) * place).sum(1);
}

}  // namespace lingula
