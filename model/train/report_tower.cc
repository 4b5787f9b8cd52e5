#include "model/train/report_tower.h"

#include <functional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/base/zones.h"
#include "model/text/report_grammar.h"
#include "model/text/word_piece.h"

namespace lingula {
namespace {

constexpr int64_t kReports = int64_t{1} << kZones;
constexpr int64_t kCxrBertVocabulary = 30522;

// ids [64, 24] of the reports by what `encode` makes of their zones.
template <typename Encode>
torch::Tensor IdsOf(const Encode& encode) {
  const auto ids = torch::empty({kReports, kReportTokens}, torch::kInt64);
  for (unsigned bits = 0; bits < kReports; ++bits) {
    const ZoneBits zones(bits);
    const auto report = encode(zones);
    for (int t = 0; t < kReportTokens; ++t) {
      ids[ReportRow(zones)][t] = static_cast<int64_t>(report[t]);
    }
  }
  return ids;
}

}  // namespace

torch::Tensor ReportRows(const torch::Tensor& zones) {
  const auto place =
      torch::tensor({32, 16, 8, 4, 2, 1}, torch::dtype(torch::kInt64).device(zones.device()));
  return ((zones >= 0.5).to(torch::kInt64) * place).sum(1);
}

absl::StatusOr<ReportTower> ReportTower::Make(const train::v1::TextTower& recipe, int64_t width) {
  BertOptions o;
  o.hidden = width;
  o.layers = recipe.layers();
  o.heads = recipe.heads();
  o.feed_forward = recipe.feed_forward();
  o.positions = recipe.positions() > 0 ? recipe.positions() : kReportTokens;
  o.dropout = recipe.dropout();
  std::string vocabulary;
  torch::Tensor ids;
  if (const std::string& file = recipe.vocabulary_file(); !file.empty()) {
    LINGULA_ASSIGN_OR_RETURN(vocabulary, ReadFile(file));
    const auto words = WordPiece::Parse(vocabulary);
    if (!words.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": ", words.status().message()));
    }
    ids = IdsOf([&](const ZoneBits& z) { return words->Encode(ReportFor(z), kReportTokens).ids; });
    o.vocabulary = words->size();
  } else if (recipe.vocabulary() == train::v1::VOCABULARY_CXR_BERT) {
    ids = IdsOf(CxrBertIds);
    o.vocabulary = kCxrBertVocabulary;
  } else {
    ids = IdsOf(GrammarIds);
    o.vocabulary = kGrammarVocabulary;
  }
  Bert bert(o);
  for (auto& parameter : bert->parameters()) {
    parameter.requires_grad_(!recipe.frozen());
  }
  return ReportTower(std::move(bert), std::move(ids), std::move(vocabulary), o.vocabulary);
}

torch::Tensor ReportTower::Hidden(const torch::Tensor& rows) {
  ids_ = ids_.to(rows.device());
  const auto ids = ids_.index_select(0, rows);
  return bert_(ids, ids.ne(0));
}

ReportTower::Reports ReportTower::Read(const torch::Tensor& rows) {
  const auto [distinct, index] = torch::_unique(rows, /*sorted=*/true, /*return_inverse=*/true);
  return {Hidden(distinct), index};
}

torch::Tensor ReportTower::Table() {
  const auto device = bert_->parameters().front().device();
  return Hidden(torch::arange(kReports, torch::dtype(torch::kInt64).device(device)));
}

}  // namespace lingula
