#include "model/text/report_grammar.h"

#include <bitset>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

struct Word {
  const char* text;
  int cxr_bert_id;
};

// Every word of the language is one WordPiece token. The order numbers GrammarIds: append only.
constexpr Word kWords[] = {
    {"bilateral", 4026}, {"unilateral", 8673}, {"pulmonary", 3004}, {"infection", 2585},
    {"one", 2159},       {"two", 2075},        {"three", 2378},     {"four", 2739},
    {"five", 3296},      {"six", 3229},        {"infected", 4291},  {"area", 3193},
    {"areas", 3685},     {"upper", 3802},      {"middle", 5500},    {"lower", 2425},
    {"left", 2279},      {"right", 2354},      {"lung", 2572},      {"and", 1700},
    {"all", 1996},       {"no", 1858},         {",", 16},           {".", 18},
};
constexpr int kSpecials = 3;  // [PAD], [CLS], [SEP]
static_assert(std::size(kWords) + kSpecials == kGrammarVocabulary);

constexpr int kZonesOfLung = kZones / 2;
constexpr const char* kZoneWords[kZonesOfLung] = {"upper", "middle", "lower"};
constexpr const char* kSideWords[2] = {"left", "right"};
constexpr const char* kCountWords[kZones] = {"one", "two", "three", "four", "five", "six"};

bool AnyOfLung(const ZoneBits& zones, int lung) {
  const int first = lung * kZonesOfLung;
  return zones[first] || zones[first + 1] || zones[first + 2];
}

// "upper lower left lung"
std::string LungText(const ZoneBits& zones, int lung) {
  std::string text;
  for (int i = 0; i < kZonesOfLung; ++i) {
    if (zones[lung * kZonesOfLung + i]) {
      absl::StrAppend(&text, kZoneWords[i], " ");
    }
  }
  return absl::StrCat(text, kSideWords[lung], " lung");
}

// Lower-case words and punctuation marks.
std::vector<std::string> Split(absl::string_view report) {
  std::vector<std::string> tokens;
  bool open = false;  // the last token is a word that may grow
  for (const char c : report) {
    if (absl::ascii_isspace(c)) {
      open = false;
    } else if (c == ',' || c == '.') {
      tokens.emplace_back(1, c);
      open = false;
    } else {
      if (!open) {
        tokens.emplace_back();
      }
      tokens.back() += absl::ascii_tolower(c);
      open = true;
    }
  }
  return tokens;
}

// Takes tokens one by one.
class Reader {
 public:
  explicit Reader(absl::string_view report) : tokens_(Split(report)) {}

  bool Take(absl::string_view token) {
    if (at_ == tokens_.size() || tokens_[at_] != token) {
      return false;
    }
    ++at_;
    return true;
  }

  absl::Status Expect(std::initializer_list<absl::string_view> tokens) {
    for (const absl::string_view token : tokens) {
      if (!Take(token)) {
        return Unexpected(absl::StrCat("\"", token, "\""));
      }
    }
    return absl::OkStatus();
  }

  // The culprit is the caller's text: escaped and cut before it is quoted.
  absl::Status Unexpected(absl::string_view wanted) const {
    constexpr size_t kQuotedBytes = 32;
    const std::string found =
        at_ == tokens_.size()
            ? "the end"
            : absl::StrCat("\"", absl::CHexEscape(tokens_[at_].substr(0, kQuotedBytes)), "\"");
    return absl::InvalidArgumentError(
        absl::StrCat("report: expected ", wanted, " at word ", at_ + 1, ", found ", found));
  }

  bool AtEnd() const { return at_ == tokens_.size(); }

 private:
  std::vector<std::string> tokens_;
  size_t at_ = 0;
};

// "one infected area", "four infected areas". The number is read and forgotten.
absl::Status ReadCount(Reader& reader) {
  for (int i = 0; i < kZones; ++i) {
    if (reader.Take(kCountWords[i])) {
      return reader.Expect({"infected", i == 0 ? "area" : "areas"});
    }
  }
  return reader.Unexpected("a count from \"one\" to \"six\"");
}

// "upper lower left lung" or "all left lung". Adds to `zones`; returns the lung, 0 left or 1 right.
absl::StatusOr<int> ReadLung(Reader& reader, ZoneBits& zones) {
  const bool all = reader.Take("all");
  std::bitset<kZonesOfLung> named;
  for (int i = 0; i < kZonesOfLung; ++i) {
    named[i] = all || reader.Take(kZoneWords[i]);
  }
  if (named.none()) {
    return reader.Unexpected("\"upper\", \"middle\", \"lower\" or \"all\"");
  }
  const int lung = reader.Take(kSideWords[0]) ? 0 : 1;
  if (lung == 1 && !reader.Take(kSideWords[1])) {
    return reader.Unexpected("a zone in the order upper, middle, lower, or \"left\" or \"right\"");
  }
  LINGULA_RETURN_IF_ERROR(reader.Expect({"lung"}));
  for (int i = 0; i < kZonesOfLung; ++i) {
    zones[lung * kZonesOfLung + i] = named[i];
  }
  return lung;
}

// "lower left lung", "lower left lung and upper right lung"
absl::StatusOr<ZoneBits> ReadPlace(Reader& reader, bool bilateral) {
  ZoneBits zones;
  LINGULA_ASSIGN_OR_RETURN(const int first, ReadLung(reader, zones));
  if (!bilateral) {
    return zones;
  }
  LINGULA_RETURN_IF_ERROR(reader.Expect({"and"}));
  LINGULA_ASSIGN_OR_RETURN(const int second, ReadLung(reader, zones));
  if (first != 0 || second != 1) {
    return absl::InvalidArgumentError(
        "report: \"bilateral\" needs the left lung first and then the right lung");
  }
  return zones;
}

template <typename IdOf>
ReportIds Number(const ZoneBits& zones, int cls, int sep, IdOf id_of) {
  ReportIds ids{};
  size_t count = 0;
  ids[count++] = cls;
  for (const std::string& token : Split(ReportFor(zones))) {
    for (size_t i = 0; i < std::size(kWords); ++i) {
      if (token == kWords[i].text) {
        ids[count++] = id_of(i);
      }
    }
  }
  ids[count] = sep;  // the longest report has 20 tokens of its own
  return ids;
}

}  // namespace

std::string ReportFor(const ZoneBits& zones) {
  if (zones.none()) {
    return "no infection.";
  }
  const bool left = AnyOfLung(zones, 0);
  const bool right = AnyOfLung(zones, 1);
  const size_t count = zones.count();
  return absl::StrCat(left && right ? "bilateral" : "unilateral", " pulmonary infection, ",
                      kCountWords[count - 1], count == 1 ? " infected area, " : " infected areas, ",
                      left ? LungText(zones, 0) : "", left && right ? " and " : "",
                      right ? LungText(zones, 1) : "", ".");
}

absl::StatusOr<ZoneBits> ParseReport(absl::string_view report) {
  Reader reader(report);
  ZoneBits zones;
  if (reader.Take("no")) {
    LINGULA_RETURN_IF_ERROR(reader.Expect({"infection", "."}));
  } else {
    const bool bilateral = reader.Take("bilateral");
    if (!bilateral && !reader.Take("unilateral")) {
      return reader.Unexpected("\"bilateral\", \"unilateral\" or \"no infection.\"");
    }
    LINGULA_RETURN_IF_ERROR(reader.Expect({"pulmonary", "infection", ","}));
    LINGULA_RETURN_IF_ERROR(ReadCount(reader));
    LINGULA_RETURN_IF_ERROR(reader.Expect({","}));
    LINGULA_ASSIGN_OR_RETURN(zones, ReadPlace(reader, bilateral));
    LINGULA_RETURN_IF_ERROR(reader.Expect({"."}));
  }
  return reader.AtEnd() ? absl::StatusOr<ZoneBits>(zones) : reader.Unexpected("the end");
}

ReportIds CxrBertIds(const ZoneBits& zones) {
  return Number(zones, 2, 3, [](size_t word) { return kWords[word].cxr_bert_id; });
}

ReportIds GrammarIds(const ZoneBits& zones) {
  return Number(zones, 1, 2, [](size_t word) { return static_cast<int>(word) + kSpecials; });
}

}  // namespace lingula
