#include <algorithm>

#include "model/text/word_piece.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {
namespace {

constexpr char kVocabulary[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n,\n.\nlung\nlu\n##ng\n##s\nleft\nlower\n\xC3\x9F\n"
    "\xCF\x83\n##\xCF\x83\na\n##a\n##\n\xE1\x84\x92\n##\xE1\x85\xA1";

void CheckEncoding(const WordPiece& pieces, absl::string_view text) {
  constexpr int kLength = 24;
  const std::vector<int> ids = pieces.Ids(text);
  Require(ids.size() >= 2 && ids.size() <= 4 * text.size() + 2, "few ids for the bytes");
  Require(
      std::all_of(ids.begin(), ids.end(), [&](int id) { return id >= 0 && id < pieces.size(); }),
      "ids are of the vocabulary");
  const WordPiece::Tokens tokens = pieces.Encode(text, kLength);
  Require(tokens.ids.size() == kLength && tokens.mask.size() == kLength, "length is as asked");
  Require(tokens.used == static_cast<int>(ids.size()), "used counts all tokens");
  const auto real = std::count(tokens.mask.begin(), tokens.mask.end(), 1);
  Require(real == std::min(tokens.used, kLength), "the mask covers the tokens");
  Require(tokens.ids[0] == ids.front() && tokens.ids[real - 1] == ids.back(),
          "[CLS] and [SEP] stay");
}

}  // namespace

std::vector<std::string> Seeds() {
  return {kVocabulary,
          "",
          "Lower left LUNGs, and upper.",
          "[CLS] lung[SEP]a [MASK [cls]",
          "e\xCC\x81\xCC\xA7 \xC3\x89 \xC4\xB0 \xCE\xA3\xCF\x83 \xED\x95\x9C",
          "\xE8\x82\xBA\xEF\xAC\x81\xEF\xB7\xBA\xF0\x9D\x85\xA5\xF0\x9D\x85\xAD",
          std::string("\0\x01\x7f\xc2\x85\xe2\x80\xa8\xef\xbf\xbd", 11),
          "\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82",
          std::string(300, 'a') + " " + std::string(100, 'a'),
          "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\nx\r\nx\r\n"};
}

// The input as a text, and as a vocabulary.
bool Accepts(absl::string_view input) {
  static const auto* const pieces = new WordPiece(WordPiece::Parse(kVocabulary).value());
  CheckEncoding(*pieces, input);
  const auto parsed = WordPiece::Parse(input);
  if (parsed.ok()) {
    CheckEncoding(*parsed, input);
  } else {
    RequireMessage(parsed.status().message());
  }
  return parsed.ok();
}

}  // namespace lingula::fuzz
