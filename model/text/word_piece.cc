#include "model/text/word_piece.h"

#include <algorithm>

#include <utf8proc.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/base/status_macros.h"
#include "model/text/bert_words.h"

namespace lingula {
namespace {

constexpr char kContinuation[] = "##";
constexpr char kSpecialOpens = '[';
constexpr const char* kSpecialTokens[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
constexpr int kRequired = 4;   // the first of them
constexpr int kMinLength = 2;  // [CLS] and [SEP]

bool IsUtf8(absl::string_view text) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto* const end = at + text.size();
  utf8proc_int32_t c = 0;
  while (at < end) {
    const auto bytes = utf8proc_iterate(at, end - at, &c);
    if (bytes <= 0) {
      return false;
    }
    at += bytes;
  }
  return true;
}

std::string Quoted(absl::string_view token) {
  constexpr size_t kQuotedBytes = 32;
  return absl::StrCat("\"", absl::CHexEscape(token.substr(0, kQuotedBytes)), "\"");
}

}  // namespace

WordPiece::WordPiece() : ids_{kNone} {}

WordPiece::Node WordPiece::Child(Node node, char byte) const {
  const auto found = children_.find({node, byte});
  return found == children_.end() ? kNone : found->second;
}

absl::Status WordPiece::Add(absl::string_view token) {
  const auto problem = [&](const auto&... what) {
    return absl::InvalidArgumentError(absl::StrCat("vocabulary line ", size_ + 1, ": ", what...));
  };
  if (size_ == kMaxEntries) {
    return problem("more than ", kMaxEntries, " entries");
  }
  if (token.empty()) {
    return problem("is empty");
  }
  if (!IsUtf8(token)) {
    return problem(Quoted(token), " is not UTF-8");
  }
  Node node = kRoot;
  for (const char byte : token) {
    const auto [child, is_new] = children_.try_emplace({node, byte}, ids_.size());
    if (is_new) {
      ids_.push_back(kNone);
    }
    node = child->second;
  }
  if (ids_[node] != kNone) {
    return problem(Quoted(token), " is on line ", ids_[node] + 1, " already");
  }
  ids_[node] = size_++;
  return absl::OkStatus();
}

int WordPiece::Find(absl::string_view token) const {
  const auto [id, bytes] = LongestMatch(kRoot, token);
  return bytes == token.size() ? id : kNone;
}

absl::StatusOr<WordPiece> WordPiece::Parse(absl::string_view vocabulary) {
  if (vocabulary.size() > kMaxBytes) {
    return absl::InvalidArgumentError(absl::StrCat("vocabulary: ", vocabulary.size(),
                                                   " bytes; at most ", kMaxBytes, " are read"));
  }
  WordPiece pieces;
  absl::ConsumeSuffix(&vocabulary, "\n");
  for (const absl::string_view line : absl::StrSplit(vocabulary, '\n')) {
    LINGULA_RETURN_IF_ERROR(pieces.Add(absl::StripSuffix(line, "\r")));
  }
  for (int i = 0; i < static_cast<int>(std::size(kSpecialTokens)); ++i) {
    const int id = pieces.Find(kSpecialTokens[i]);
    if (id != kNone) {
      pieces.in_text_.emplace_back(kSpecialTokens[i], id);
    } else if (i < kRequired) {
      return absl::InvalidArgumentError(absl::StrCat(
          "vocabulary: ", kSpecialTokens[i], " is missing from its ", pieces.size_, " lines"));
    }
  }
  pieces.specials_ = {pieces.in_text_[0].second, pieces.in_text_[1].second,
                      pieces.in_text_[2].second, pieces.in_text_[3].second};
  const Node hash = pieces.Child(kRoot, kContinuation[0]);
  pieces.continuation_ = hash == kNone ? kNone : pieces.Child(hash, kContinuation[1]);
  return pieces;
}

std::pair<int, size_t> WordPiece::LongestMatch(Node root, absl::string_view text) const {
  std::pair<int, size_t> longest{kNone, 0};
  Node node = root;
  for (size_t i = 0; i < text.size() && node != kNone; ++i) {
    node = Child(node, text[i]);
    if (node != kNone && ids_[node] != kNone) {
      longest = {ids_[node], i + 1};
    }
  }
  return longest;
}

// Longest token first, and so on with "##" tokens; unknown as a whole when that gets stuck.
void WordPiece::AppendWord(absl::string_view word, std::vector<int>& ids) const {
  const size_t before = ids.size();
  Node root = kRoot;
  do {
    const auto [id, bytes] = LongestMatch(root, word);
    if (id == kNone) {
      ids.resize(before);
      ids.push_back(specials_.unknown);
      return;
    }
    ids.push_back(id);
    word.remove_prefix(bytes);
    root = continuation_;
  } while (!word.empty());
}

std::vector<int> WordPiece::Ids(absl::string_view text) const {
  std::vector<int> ids = {specials_.start};
  const auto append_words = [&](absl::string_view part) {
    SplitBertWords(part, [&](absl::string_view word) { AppendWord(word, ids); });
  };
  size_t done = 0;
  for (size_t at = text.find(kSpecialOpens); at != absl::string_view::npos;
       at = text.find(kSpecialOpens, at + 1)) {
    for (const auto& [token, id] : in_text_) {
      if (absl::StartsWith(text.substr(at), token)) {
        append_words(text.substr(done, at - done));
        ids.push_back(id);
        done = at + token.size();
      }
    }
  }
  append_words(text.substr(done));
  ids.push_back(specials_.end);
  return ids;
}

WordPiece::Tokens WordPiece::Encode(absl::string_view text, int length) const {
  const size_t size = std::max(length, kMinLength);
  Tokens tokens;
  tokens.ids = Ids(text);
  tokens.used = static_cast<int>(tokens.ids.size());
  if (tokens.ids.size() > size) {
    tokens.ids.resize(size);
    tokens.ids.back() = specials_.end;
  }
  tokens.mask.assign(tokens.ids.size(), 1);
  tokens.mask.resize(size, 0);
  tokens.ids.resize(size, specials_.pad);
  return tokens;
}

}  // namespace lingula
