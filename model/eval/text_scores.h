// How far a generated report agrees with the true one, as torchmetrics 1.3 computes it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lingula {

struct TextPair {
  absl::string_view generated, reference;  // ASCII; other bytes belong to words
};

// BLEU (Papineni et al. 2002) with one reference a text: words are split at white space, so that
// punctuation stays with its word; counts are pooled over all pairs; no smoothing. Index n - 1
// holds BLEU-n: the geometric mean of the precisions of 1- to n-grams times the penalty for
// brevity. 0 as soon as one order has no match, so also for texts shorter than n words.
std::array<double, 4> Bleu(absl::Span<const TextPair> pairs);

// Mean over the pairs of the F measure of ROUGE-L (Lin 2004), the longest common subsequence of
// words; lower case, words are runs of a-z and 0-9. 0 where a text has no word, and without pairs.
double RougeL(absl::Span<const TextPair> pairs);

}  // namespace lingula
