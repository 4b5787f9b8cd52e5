#include "model/prototypes/caption_words.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace lingula {
namespace {

constexpr int64_t kUnknown = 1, kStart = 2, kEnd = 3;

bool InWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0;
}

std::vector<std::string> Split(absl::string_view caption) {
  std::vector<std::string> words;
  bool open = false;  // the last word may grow
  for (const char raw : caption) {
    const char c = absl::ascii_tolower(static_cast<unsigned char>(raw));
    const bool space = absl::ascii_isspace(static_cast<unsigned char>(c));
    if (!space && open && InWord(c)) {
      words.back().push_back(c);
    } else if (!space) {
      words.emplace_back(1, c);
    }
    open = !space && InWord(c);
  }
  return words;
}

}  // namespace

CaptionWords CaptionWords::Of(const std::vector<std::string>& captions, int capacity) {
  std::map<std::string, int64_t> counts;
  for (const std::string& caption : captions) {
    for (std::string& word : Split(caption)) {
      ++counts[std::move(word)];
    }
  }
  std::vector<std::pair<int64_t, std::string>> order;
  for (const auto& [word, count] : counts) {
    order.emplace_back(-count, word);
  }
  std::sort(order.begin(), order.end());
  CaptionWords words;
  for (auto& [count, word] : order) {
    if (words.size() < capacity) {
      words.ids_[word] = words.size();
      words.words_.push_back(std::move(word));
    }
  }
  return words;
}

absl::StatusOr<CaptionWords> CaptionWords::Parse(absl::string_view lines) {
  CaptionWords words;
  for (const absl::string_view line : absl::StrSplit(lines, '\n')) {
    const std::string word(line);
    if (word.empty() || !words.ids_.emplace(word, words.size()).second) {
      return absl::InvalidArgumentError(absl::StrCat("the words of the captions: line ",
                                                     words.words_.size() + 1, " is ",
                                                     word.empty() ? "empty" : "there twice"));
    }
    words.words_.push_back(word);
  }
  return words;
}

std::string CaptionWords::Lines() const {
  return absl::StrJoin(words_, "\n");
}

std::vector<int64_t> CaptionWords::Encode(absl::string_view caption, int tokens) const {
  std::vector<int64_t> ids = {kStart};
  for (const std::string& word : Split(caption)) {
    if (static_cast<int>(ids.size()) + 1 < tokens) {
      const auto found = ids_.find(word);
      ids.push_back(found == ids_.end() ? kUnknown : found->second);
    }
  }
  ids.push_back(kEnd);
  ids.resize(tokens, 0);
  return ids;
}

}  // namespace lingula
