// The closed language of SGSeg reports: 64 strings, one for each set of zones (docs/models.md,
// "Report grammar"; Ye et al., MICCAI 2024, section on text synthesis).
#pragma once

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/base/zones.h"

namespace lingula {

// The report for a set of zones, lower-case, ends with a full stop. In it "left lung" is the
// viewer's left: model input, never to be shown to people unqualified.
std::string ReportFor(const ZoneBits& zones);

// The zones that a report names. Case and repeated white space do not matter; "all" as a zone list
// ("all left lung") is understood, and a count that contradicts the zones is accepted, since
// published data counts regions.
// Errors   INVALID_ARGUMENT with the part that is not of the grammar.
absl::StatusOr<ZoneBits> ParseReport(absl::string_view report);

// Tokens of a report, specials and padding included.
inline constexpr int kReportTokens = 24;
using ReportIds = std::array<int, kReportTokens>;

// CXR-BERT's WordPiece ids of ReportFor(zones): [CLS] 2 ... [SEP] 3, then [PAD] 0.
ReportIds CxrBertIds(const ZoneBits& zones);

// The same tokens numbered from 0 without gaps, for text towers that know the grammar's words only:
// kGrammarVocabulary ids, [PAD] = 0, [CLS] = 1, [SEP] = 2.
inline constexpr int kGrammarVocabulary = 27;
ReportIds GrammarIds(const ZoneBits& zones);

}  // namespace lingula
