#include "model/text/bert_words.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <utf8proc.h>

namespace lingula {
namespace {

using CodePoint = utf8proc_int32_t;

// A character has no longer canonical decomposition.
constexpr int kMaxDecomposed = 8;

// Blocks of ideographs, as the reference lists them: kana and Hangul are written with spaces or go
// to WordPiece whole.
constexpr std::pair<CodePoint, CodePoint> kIdeographs[] = {
    {0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
    {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};

bool IsIdeograph(CodePoint c) {
  return std::any_of(std::begin(kIdeographs), std::end(kIdeographs),
                     [c](const auto& block) { return c >= block.first && c <= block.second; });
}

bool IsSpace(CodePoint c, utf8proc_category_t category) {
  return c == '\t' || c == '\n' || c == '\r' || category == UTF8PROC_CATEGORY_ZS ||
         category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

// Control, format, private, surrogate and unassigned characters, and what replaces broken ones.
bool IsDropped(CodePoint c, utf8proc_category_t category) {
  return c == 0xFFFD || category == UTF8PROC_CATEGORY_CN ||
         (category >= UTF8PROC_CATEGORY_CC && category <= UTF8PROC_CATEGORY_CO);
}

// In ASCII the reference counts symbols such as $ and + too.
bool IsPunctuation(CodePoint c, utf8proc_category_t category) {
  const bool ascii_mark = (c >= '!' && c <= '/') || (c >= ':' && c <= '@') ||
                          (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
  return ascii_mark || (category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO);
}

// Collects the characters of a word.
class Word {
 public:
  explicit Word(WordSink sink) : sink_(sink) {}

  // `c` is lower-case, neither dropped nor a space.
  void Add(CodePoint c) {
    CodePoint parts[kMaxDecomposed];
    int boundary = 0;
    const auto count =
        utf8proc_decompose_char(c, parts, kMaxDecomposed, UTF8PROC_DECOMPOSE, &boundary);
    for (int i = 0; i < std::min<int>(count, kMaxDecomposed); ++i) {
      AddPart(parts[i]);
    }
  }

  void End() {
    FlushMarks();
    if (length_ > 0) {
      sink_(length_ > kMaxWordCharacters ? absl::string_view() : text_);
    }
    text_.clear();
    length_ = 0;
  }

 private:
  void AddPart(CodePoint c) {
    const utf8proc_property_t& property = *utf8proc_get_property(c);
    const auto category = static_cast<utf8proc_category_t>(property.category);
    if (property.combining_class == 0) {
      FlushMarks();
    }
    if (category == UTF8PROC_CATEGORY_MN) {
      return;
    }
    if (property.combining_class != 0) {
      // Canonical order sorts a run of marks by class. A word too long needs no order.
      if (length_ + marks_.size() <= kMaxWordCharacters) {
        marks_.emplace_back(property.combining_class, c);
      }
    } else if (IsPunctuation(c, category)) {
      End();
      Append(c);
      End();
    } else {
      Append(c);
    }
  }

  void FlushMarks() {
    std::stable_sort(marks_.begin(), marks_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [combining_class, mark] : marks_) {
      Append(mark);
    }
    marks_.clear();
  }

  void Append(CodePoint c) {
    if (length_ > kMaxWordCharacters) {
      return;
    }
    ++length_;
    utf8proc_uint8_t bytes[4];
    const auto size = utf8proc_encode_char(c, bytes);
    text_.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  }

  WordSink sink_;
  std::string text_;
  size_t length_ = 0;                             // characters; stops counting when too long
  std::vector<std::pair<int, CodePoint>> marks_;  // that are not Mn, with their combining class
};

}  // namespace

void SplitBertWords(absl::string_view text, WordSink sink) {
  Word word(sink);
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    CodePoint c = 0;
    const auto bytes = utf8proc_iterate(at, end - at, &c);
    at += std::max<utf8proc_ssize_t>(bytes, 1);
    if (bytes <= 0) {
      continue;
    }
    const utf8proc_category_t category = utf8proc_category(c);
    if (IsSpace(c, category)) {
      word.End();
    } else if (IsDropped(c, category)) {
      continue;
    } else if (IsIdeograph(c)) {
      word.End();
      word.Add(c);
      word.End();
    } else {
      word.Add(utf8proc_tolower(c));
    }
  }
  word.End();
}

}  // namespace lingula
