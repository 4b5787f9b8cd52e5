#include "model/tools/read_images.h"

#include <iostream>

#include "model/train/progress.h"

namespace lingula {

absl::StatusOr<ImageCache> ReadImages(const std::string& csv, const std::vector<DataRow>& rows,
                                      const InputSpec& spec, bool skip_broken) {
  const auto count = static_cast<int64_t>(rows.size());
  Progress progress("reading " + csv, count);
  auto cache = LoadImages(rows, spec, skip_broken ? BrokenFiles::kSkip : BrokenFiles::kRefuse,
                          [&](int64_t done, int64_t) { progress.Advance(done); });
  if (cache.ok() && !cache->skipped.empty()) {
    std::cerr << "skipped files: " << DescribeBroken(cache->skipped, count) << "\n";
  }
  return cache;
}

}  // namespace lingula
