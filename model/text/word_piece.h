// BERT's WordPiece tokenizer with lower-casing, as Hugging Face's BertTokenizer does it: the text
// towers of CXR-BERT and its kin read its ids.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// Immutable once parsed, hence thread-safe.
class WordPiece {
 public:
  // Bounds of a vocabulary; BERT's have 30,522 to 119,547 entries.
  static constexpr int kMaxEntries = 1 << 18;
  static constexpr size_t kMaxBytes = size_t{4} << 20;

  // `vocabulary` is the text of a vocab.txt: one token a line, numbered from 0.
  // Errors   INVALID_ARGUMENT with the line: a token that is empty, not UTF-8 or there already; too
  //          many entries or bytes; [PAD], [UNK], [CLS] or [SEP] missing.
  static absl::StatusOr<WordPiece> Parse(absl::string_view vocabulary);

  struct Tokens {
    std::vector<int> ids;   // `length` of them
    std::vector<int> mask;  // 1 for a token, 0 for padding
    int used = 0;           // tokens of the text, [CLS] and [SEP] included, before truncation
  };
  // [CLS] words [SEP] [PAD]..., cut to `length` (at least 2); [SEP] stays.
  Tokens Encode(absl::string_view text, int length) const;

  // [CLS] words [SEP]. Any bytes are taken (see SplitBertWords); "[PAD]", "[UNK]", "[CLS]", "[SEP]"
  // and "[MASK]" in capitals stand for those tokens, as in the reference: check `text` before if a
  // caller must not write them. Time is linear in the text.
  std::vector<int> Ids(absl::string_view text) const;

  // Number of entries: ids are below it.
  int size() const { return size_; }

 private:
  // Tokens as paths of bytes from a root; "##" leads to the root of those that continue a word.
  using Node = int;
  static constexpr Node kRoot = 0;
  static constexpr int kNone = -1;

  struct Specials {
    int pad = kNone, unknown = kNone, start = kNone, end = kNone;
  };

  WordPiece();
  absl::Status Add(absl::string_view token);
  Node Child(Node node, char byte) const;
  int Find(absl::string_view token) const;
  // The longest token that `text` starts with, from `root`: its id (or kNone) and bytes.
  std::pair<int, size_t> LongestMatch(Node root, absl::string_view text) const;
  void AppendWord(absl::string_view word, std::vector<int>& ids) const;

  absl::flat_hash_map<std::pair<Node, char>, Node> children_;
  std::vector<int> ids_;  // by node; kNone where no token ends
  int size_ = 0;
  Node continuation_ = kNone;
  Specials specials_;
  std::vector<std::pair<std::string, int>> in_text_;  // special tokens and their ids
};

}  // namespace lingula
