#include "model/parity/published.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "model/backend/text_tower.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/nets/bert.h"
#include "model/text/report_grammar.h"

namespace lingula::parity {
namespace {

// A vocabulary with names in brackets, which no text can hold as a word, for ids not listed.
absl::StatusOr<std::string> WholeVocabulary(const std::string& table) {
  std::vector<std::string> tokens;
  for (const absl::string_view line : absl::StrSplit(table, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> entry =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    int id = 0;
    if (!absl::SimpleAtoi(entry.first, &id) || id < 0 || id >= WordPiece::kMaxEntries) {
      return absl::InvalidArgumentError(absl::StrCat("not an id and a token: ", std::string(line)));
    }
    while (static_cast<int>(tokens.size()) <= id) {
      tokens.push_back(absl::StrCat("[not listed ", tokens.size(), "]"));
    }
    tokens[id] = std::string(entry.second);
  }
  return absl::StrJoin(tokens, "\n");
}

torch::Tensor ToTensor(const std::vector<std::vector<int>>& rows) {
  auto tensor = torch::zeros({static_cast<int64_t>(rows.size()), kReportTokens}, torch::kInt64);
  for (size_t i = 0; i < rows.size(); ++i) {
    tensor[static_cast<int64_t>(i)].copy_(torch::tensor(rows[i], torch::kInt64));
  }
  return tensor;
}

Bert TextTowerByFormula(const Formula& formula) {
  Bert bert{BertOptions()};
  formula.Fill(*bert, kTextTowerPrefix);
  return bert;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> StringsNote(const FileCheck& check,
                                                     const std::string& key) {
  LINGULA_ASSIGN_OR_RETURN(const nlohmann::json json, check.JsonNote(key));
  std::vector<std::string> strings;
  for (const auto& item : json) {
    if (!item.is_string()) {
      return absl::InvalidArgumentError(absl::StrCat("metadata ", key, ": not a list of strings"));
    }
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

absl::StatusOr<WordPiece> LoadWordPiece(const GoldenFolder& folder) {
  LINGULA_ASSIGN_OR_RETURN(const std::string path, folder.Vocabulary());
  LINGULA_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  if (absl::EndsWith(path, ".tsv")) {
    LINGULA_ASSIGN_OR_RETURN(text, WholeVocabulary(text));
  }
  auto words = WordPiece::Parse(text);
  if (!words.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", std::string(words.status().message())));
  }
  return words;
}

absl::StatusOr<TextTokens> Tokenize(const GoldenFolder& folder,
                                    const std::vector<std::string>& texts) {
  LINGULA_ASSIGN_OR_RETURN(const WordPiece words, LoadWordPiece(folder));
  std::vector<std::vector<int>> ids, masks;
  for (const std::string& text : texts) {
    const WordPiece::Tokens tokens = words.Encode(text, kReportTokens);
    ids.push_back(tokens.ids);
    masks.push_back(tokens.mask);
  }
  return TextTokens{ToTensor(ids), ToTensor(masks)};
}

TextTokens GrammarTokens(const std::vector<ZoneBits>& zones) {
  std::vector<std::vector<int>> ids;
  for (const ZoneBits& bits : zones) {
    const ReportIds report = CxrBertIds(bits);
    ids.emplace_back(report.begin(), report.end());
  }
  const auto all = ToTensor(ids);
  return {all, all.ne(0).to(torch::kInt64)};  // 0 is padding
}

torch::Tensor PublishedHidden(const Formula& formula, const TextTokens& tokens) {
  Bert bert = TextTowerByFormula(formula);
  return bert(tokens.ids, tokens.mask);
}

torch::Tensor PublishedReportTable(const Formula& formula) {
  Bert bert = TextTowerByFormula(formula);
  return ReportTable(bert, CxrBertIds);
}

}  // namespace lingula::parity
