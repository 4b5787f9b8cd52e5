// Text to the words that BERT's tokenizer looks up: the "basic tokenizer" of the reference.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace lingula {

// Longer words are one unknown token.
inline constexpr int kMaxWordCharacters = 100;

// Takes a word as UTF-8: lower-case, without accents, one punctuation mark or none. Empty stands
// for a word of more than kMaxWordCharacters.
using WordSink = absl::FunctionRef<void(absl::string_view word)>;

// Gives the words of `text` to `sink` in order: control characters are dropped, letters become
// lower-case and lose their accents (NFD, then without category Mn), and white space, punctuation
// and Chinese characters separate, the last two being words of their own.
// Any bytes are taken. Those that are not UTF-8 are dropped, as the reference drops the U+FFFD that
// stands for them after decoding. Time is linear in the text, memory constant.
// Character properties are Unicode 15's; the reference's are those of its Python.
void SplitBertWords(absl::string_view text, WordSink sink);

}  // namespace lingula
