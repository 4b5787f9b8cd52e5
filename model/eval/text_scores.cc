#include "model/eval/text_scores.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace lingula {
namespace {

constexpr int kOrders = 4;

using Words = std::vector<std::string>;
using Grams = std::map<Words, int64_t>;

Words SplitAtWhiteSpace(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" \t\n\v\f\r"), absl::SkipEmpty());
}

Words LowerCaseWords(absl::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    c = absl::ascii_isalnum(static_cast<unsigned char>(c))
            ? absl::ascii_tolower(static_cast<unsigned char>(c))
            : ' ';
  }
  return SplitAtWhiteSpace(plain);
}

Grams GramsOf(const Words& words, size_t order) {
  Grams grams;
  for (size_t i = 0; i + order <= words.size(); ++i) {
    ++grams[Words(words.begin() + i, words.begin() + i + order)];
  }
  return grams;
}

struct BleuCounts {
  std::array<int64_t, kOrders> matched{}, generated{};  // n-grams
  int64_t generated_words = 0, reference_words = 0;

  void Add(const TextPair& pair) {
    const Words generated_text = SplitAtWhiteSpace(pair.generated);
    const Words reference_text = SplitAtWhiteSpace(pair.reference);
    generated_words += static_cast<int64_t>(generated_text.size());
    reference_words += static_cast<int64_t>(reference_text.size());
    for (int n = 0; n < kOrders; ++n) {
      const Grams in_reference = GramsOf(reference_text, n + 1);
      for (const auto& [gram, count] : GramsOf(generated_text, n + 1)) {
        const auto found = in_reference.find(gram);
        matched[n] += found == in_reference.end() ? 0 : std::min(count, found->second);
        generated[n] += count;
      }
    }
  }

  double BrevityPenalty() const {
    return generated_words > reference_words
               ? 1
               : std::exp(1 - static_cast<double>(reference_words) /
                                  static_cast<double>(generated_words));
  }
};

size_t LongestCommonSubsequence(const Words& a, const Words& b) {
  std::vector<size_t> lengths(b.size() + 1, 0);  // of what was read of a with each start of b
  for (const std::string& word : a) {
    size_t diagonal = 0;
    for (size_t i = 0; i < b.size(); ++i) {
      const size_t above = lengths[i + 1];
      lengths[i + 1] = word == b[i] ? diagonal + 1 : std::max(above, lengths[i]);
      diagonal = above;
    }
  }
  return lengths.back();
}

double RougeOf(const TextPair& pair) {
  const Words generated = LowerCaseWords(pair.generated);
  const Words reference = LowerCaseWords(pair.reference);
  const auto common = static_cast<double>(LongestCommonSubsequence(generated, reference));
  const auto total = static_cast<double>(generated.size() + reference.size());
  return common == 0 ? 0 : 2 * common / total;
}

}  // namespace

std::array<double, kOrders> Bleu(absl::Span<const TextPair> pairs) {
  BleuCounts counts;
  for (const TextPair& pair : pairs) {
    counts.Add(pair);
  }
  std::array<double, kOrders> bleu{};
  double logarithms = 0;
  for (int n = 0; n < kOrders && counts.matched[n] > 0; ++n) {
    logarithms +=
        std::log(static_cast<double>(counts.matched[n]) / static_cast<double>(counts.generated[n]));
    bleu[n] = counts.BrevityPenalty() * std::exp(logarithms / (n + 1));
  }
  return bleu;
}

double RougeL(absl::Span<const TextPair> pairs) {
  double sum = 0;
  for (const TextPair& pair : pairs) {
    sum += RougeOf(pair);
  }
  return pairs.empty() ? 0 : sum / static_cast<double>(pairs.size());
}

}  // namespace lingula
