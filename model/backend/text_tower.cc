#include "model/backend/text_tower.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/backend/network_options.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"
#include "model/base/zones.h"
#include "model/text/report_grammar.h"

namespace lingula {

absl::StatusOr<TextTower> TextTower::Load(const Bundle& bundle, torch::ScalarType type,
                                          torch::Device device) {
  const bundle::v1::SgsegSpec& spec = bundle.manifest.sgseg();
  auto words = WordPiece::Parse(bundle.vocabulary);
  if (!words.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(kVocabularyFile, ": ", words.status().message()));
  }
  if (words->size() != static_cast<int>(spec.text_encoder().vocabulary())) {
    return absl::InvalidArgumentError(absl::StrCat(kVocabularyFile, ": has ", words->size(),
                                                   " tokens, the manifest says ",
                                                   spec.text_encoder().vocabulary()));
  }
  Bert bert(BertOptionsFrom(spec.text_encoder()));
  LINGULA_RETURN_IF_ERROR(LoadState(*bert, *bundle.text_encoder));
  bert->to(device);
  bert->Fold(type);
  return TextTower(*std::move(words), std::move(bert), static_cast<int>(spec.report_tokens()),
                   device);
}

TextTower::Read TextTower::operator()(const std::vector<std::string>& texts) {
  const auto n = static_cast<int64_t>(texts.size());
  const auto ids = torch::empty({n, tokens_}, torch::kInt64);
  const auto mask = torch::empty({n, tokens_}, torch::kInt64);
  Read read;
  for (int64_t i = 0; i < n; ++i) {
    const WordPiece::Tokens tokens = words_.Encode(texts[i], tokens_);
    for (int t = 0; t < tokens_; ++t) {
      ids[i][t] = tokens.ids[t];
      mask[i][t] = tokens.mask[t];
    }
    read.truncated.push_back(tokens.used > tokens_);
  }
  read.hidden = bert_(ids.to(device_), mask.to(device_));
  return read;
}

torch::Tensor ReportTable(Bert& bert, ReportIds (*ids_of)(const ZoneBits&)) {
  const auto ids = torch::empty({1 << kZones, kReportTokens}, torch::kInt64);
  for (unsigned bits = 0; bits < 1U << kZones; ++bits) {
    const ZoneBits zones(bits);
    const ReportIds report = ids_of(zones);
    for (int t = 0; t < kReportTokens; ++t) {
      ids[ReportRow(zones)][t] = report[t];
    }
  }
  return bert(ids, ids.ne(0));  // [PAD] is 0 in both vocabularies
}

}  // namespace lingula
