// Texts to tokens, and the closed language of reports.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/parity/check.h"
#include "model/parity/count.h"
#include "model/parity/published.h"
#include "model/text/report_grammar.h"

namespace lingula::parity {
namespace {

// Each line as JSON with the given fields.
absl::StatusOr<std::vector<nlohmann::json>> JsonLines(const FileCheck& check,
                                                      const std::vector<std::string>& fields) {
  LINGULA_ASSIGN_OR_RETURN(const auto lines, check.Lines());
  std::vector<nlohmann::json> all;
  for (const std::string& line : lines) {
    all.push_back(nlohmann::json::parse(line, nullptr, false));
    for (const std::string& field : fields) {
      if (!all.back().is_object() || !all.back().contains(field)) {
        return absl::InvalidArgumentError(
            absl::StrCat("line ", all.size(), ": not an object with a field ", field));
      }
    }
  }
  return all;
}

std::vector<ZoneBits> AllZones() {
  std::vector<ZoneBits> all(1 << kZones);
  for (size_t row = 0; row < all.size(); ++row) {
    for (int zone = 0; zone < kZones; ++zone) {
      all[row][zone] = (row >> (kZones - 1 - zone) & 1) != 0;
    }
  }
  return all;
}

}  // namespace

absl::Status CheckTokenizer(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const auto lines, JsonLines(check, {"text", "ids", "ids24", "mask24"}));
  LINGULA_ASSIGN_OR_RETURN(const WordPiece words, LoadWordPiece(check.folder()));
  Count whole("ids"), cut("ids24"), mask("mask24");
  for (const nlohmann::json& line : lines) {
    const auto text = line["text"].get<std::string>();
    const std::string what = line["text"].dump();
    whole.Expect(words.Ids(text) == line["ids"].get<std::vector<int>>(), what);
    const WordPiece::Tokens tokens = words.Encode(text, 24);
    cut.Expect(tokens.ids == line["ids24"].get<std::vector<int>>(), what);
    mask.Expect(tokens.mask == line["mask24"].get<std::vector<int>>(), what);
  }
  whole.Report(check);
  cut.Report(check);
  mask.Report(check);
  return absl::OkStatus();
}

absl::Status CheckCaptions(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const auto lines, JsonLines(check, {"row", "bits", "caption", "ids"}));
  Count row("row"), bits("bits"), caption("caption"), ids("ids");
  const auto all = AllZones();
  check.CompareText("number of captions", absl::StrCat(all.size()), absl::StrCat(lines.size()));
  for (size_t i = 0; i < std::min(all.size(), lines.size()); ++i) {
    const auto& line = lines[i];
    const auto text = line["caption"].get<std::string>();
    const auto parsed = ParseReport(text);
    std::string written;
    for (int zone = 0; zone < kZones; ++zone) {
      written += all[i][zone] ? '1' : '0';
    }
    const ReportIds report = CxrBertIds(all[i]);
    row.Expect(line["row"].get<int>() == ReportRow(all[i]), text);
    bits.Expect(line["bits"].get<std::string>() == written && parsed.ok() && *parsed == all[i],
                text);
    caption.Expect(text == ReportFor(all[i]), text);
    ids.Expect(
        line["ids"].get<std::vector<int>>() == std::vector<int>(report.begin(), report.end()),
        text);
  }
  for (Count* count : {&row, &bits, &caption, &ids}) {
    count->Report(check);
  }
  return absl::OkStatus();
}

absl::Status CheckTextTable(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  const auto all = AllZones();
  auto bits = torch::zeros({static_cast<int64_t>(all.size()), kZones}, torch::kUInt8);
  for (size_t row = 0; row < all.size(); ++row) {
    for (int zone = 0; zone < kZones; ++zone) {
      bits[static_cast<int64_t>(row)][zone] = static_cast<int>(all[row][zone]);
    }
  }
  check.CompareExactly("bits", bits);
  check.CompareExactly("ids", GrammarTokens(all).ids);
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor rows, check.Input("rows"));
  check.Compare("hidden_rows", PublishedReportTable(formula).index_select(0, rows));
  return absl::OkStatus();
}

}  // namespace lingula::parity
