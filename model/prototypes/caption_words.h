// The words that a caption tower reads: whole words of the training captions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// Captions are lower-cased (ASCII) and split at white space; a character that is neither letter,
// digit nor part of UTF-8 is a word of its own. Ids: 0 padding, 1 unknown, 2 start, 3 end, then the
// words.
class CaptionWords {
 public:
  static constexpr int kFirstWord = 4;

  // The most frequent words of the captions, of equally frequent ones the first in the alphabet; at
  // most `capacity` ids with the four.
  static CaptionWords Of(const std::vector<std::string>& captions, int capacity);
  // As Lines() gives them. Errors   INVALID_ARGUMENT for an empty or repeated word.
  static absl::StatusOr<CaptionWords> Parse(absl::string_view lines);

  // One word a line.
  std::string Lines() const;
  // Ids in use.
  int size() const { return kFirstWord + static_cast<int>(words_.size()); }
  // Start, words, end, padding: `tokens` ids, at least 2; what does not fit is cut before the end.
  std::vector<int64_t> Encode(absl::string_view caption, int tokens) const;

 private:
  std::vector<std::string> words_;
  std::map<std::string, int64_t> ids_;
};

}  // namespace lingula
