#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <cctype>

namespace lingula::fuzz {
namespace {

constexpr size_t kMaxBytes = 1 << 16;
constexpr size_t kMaxRange = 64;
constexpr int kMaxChanges = 8;
const char* const kNumbers[] = {"0",
                                "-1",
                                "1e309",
                                "2147483647",
                                "4294967296",
                                "9223372036854775807",
                                "18446744073709551615",
                                "99999999999999999999999"};
constexpr uint64_t kIntegers[] = {0,
                                  1,
                                  0x7f,
                                  0xff,
                                  0xffff,
                                  0x7fffffff,
                                  0xffffffff,
                                  uint64_t{1} << 32,
                                  ~uint64_t{0},
                                  ~uint64_t{0} >> 1,
                                  uint64_t{1} << 63,
                                  uint64_t{1} << 40};

// splitmix64: any state is a good one, so that every input has its own.
class Random {
 public:
  explicit Random(uint64_t state) : state_(state) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // In [0, end); 0 for an empty range.
  size_t Below(size_t end) { return end == 0 ? 0 : static_cast<size_t>(Next() % end); }

 private:
  uint64_t state_;
};

class Mutator {
 public:
  Mutator(const std::vector<std::string>& seeds, Random& random, std::string& text)
      : seeds_(seeds), random_(random), text_(text) {}

  void ChangeOnce() {
    switch (random_.Below(8)) {
      case 0:
        return FlipBit();
      case 1:
        return OverwriteByte();
      case 2:
        return text_.resize(At());
      case 3:
        return Splice();
      case 4:
        return WriteInteger();
      case 5:
        return ReplaceDigits();
      case 6:
        return DoubleRange();
      default:
        text_.erase(At(), random_.Below(kMaxRange));
    }
  }

 private:
  size_t At() { return random_.Below(text_.size() + 1); }

  void FlipBit() {
    if (!text_.empty()) {
      text_[random_.Below(text_.size())] ^= static_cast<char>(1 << random_.Below(8));
    }
  }

  void OverwriteByte() {
    if (!text_.empty()) {
      text_[random_.Below(text_.size())] = static_cast<char>(random_.Next());
    }
  }

  // The start of this one, then the end of another.
  void Splice() {
    const std::string& other = seeds_[random_.Below(seeds_.size())];
    text_ = text_.substr(0, At()) + other.substr(random_.Below(other.size() + 1));
  }

  // 1, 2, 4 or 8 bytes in either order.
  void WriteInteger() {
    const uint64_t value = kIntegers[random_.Below(std::size(kIntegers))];
    const size_t bytes = size_t{1} << random_.Below(4);
    const bool big_endian = random_.Below(2) == 1;
    const size_t at = At();
    for (size_t i = 0; i < bytes && at + i < text_.size(); ++i) {
      text_[at + i] = static_cast<char>(value >> (8 * (big_endian ? bytes - 1 - i : i)));
    }
  }

  // The first run of digits from some place on.
  void ReplaceDigits() {
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    const auto from = text_.begin() + static_cast<std::ptrdiff_t>(At());
    const auto begin = std::find_if(from, text_.end(), is_digit);
    const auto end = std::find_if_not(begin, text_.end(), is_digit);
    text_.replace(begin, end, kNumbers[random_.Below(std::size(kNumbers))]);
  }

  void DoubleRange() {
    const std::string range = text_.substr(At(), 1 + random_.Below(kMaxRange));
    const size_t at = At();
    for (size_t times = 1 + random_.Below(4); times > 0; --times) {
      text_.insert(at, range);
    }
  }

  const std::vector<std::string>& seeds_;
  Random& random_;
  std::string& text_;
};

}  // namespace

std::string Input(const std::vector<std::string>& seeds, uint64_t number) {
  if (number < seeds.size()) {
    return seeds[number];
  }
  Random random(number);
  std::string text = seeds[random.Below(seeds.size())];
  Mutator mutator(seeds, random, text);
  // Few changes more often than many: they get further into a parser.
  for (size_t changes = 1 + random.Below(1 + random.Below(kMaxChanges)); changes > 0; --changes) {
    mutator.ChangeOnce();
  }
  text.resize(std::min(text.size(), kMaxBytes));
  return text;
}

}  // namespace lingula::fuzz
