#include "client/compare_verb.h"

#include <cmath>
#include <ostream>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "client/answer_text.h"
#include "client/segment_options.h"
#include "model/base/file.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"
#include "model/eval/distances.h"
#include "model/eval/overlap.h"
#include "model/image/pixels.h"

namespace lingula::cli {
namespace {

constexpr int64_t kMaxMaskFileBytes = int64_t{256} << 20;

struct Comparison {
  int width = 0, height = 0;
  OverlapCounts counts;
  double hausdorff95_px = 0;  // NaN when one mask is empty

  int64_t one() const { return counts.true_positive + counts.false_positive; }
  int64_t other() const { return counts.true_positive + counts.false_negative; }
  double Share(int64_t pixels) const {
    return static_cast<double>(pixels) / (static_cast<double>(width) * height);
  }
  double Dice() const { return one() + other() > 0 ? counts.Dice() : std::nan(""); }
};

absl::Status InFile(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// CV_8UC1, 0 or 255.
absl::StatusOr<cv::Mat> ReadMask(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const std::string file, ReadFile(path, kMaxMaskFileBytes));
  const auto header = ReadImageHeader(file);
  if (!header.ok()) {
    return InFile(path, header.status());
  }
  if (header->format != ImageFormat::kPng) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a mask must be a PNG file: JPEG blurs its edge"));
  }
  const auto picture = DecodeImage(file, 1, PixelLimits());
  if (!picture.ok()) {
    return InFile(path, picture.status());
  }
  return cv::Mat(picture->pixels != 0);
}

absl::StatusOr<Comparison> CompareFiles(const CompareOptions& options) {
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat one, ReadMask(options.one));
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat other, ReadMask(options.other));
  if (one.size() != other.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the masks differ in size: ", options.one, " has ", one.cols, " x ", one.rows,
                     " pixels, ", options.other, " has ", other.cols, " x ", other.rows));
  }
  const absl::Span<const uint8_t> first(one.data, one.total());
  const absl::Span<const uint8_t> second(other.data, other.total());
  Comparison result{one.cols, one.rows, CountOverlap(first, second), 0};
  result.hausdorff95_px = Hausdorff95(first, second, one.cols);
  return result;
}

std::string Figure(double value, const char* otherwise) {
  return std::isnan(value) ? otherwise : absl::StrFormat("%.4f", value);
}

std::string Json(const CompareOptions& options, const Comparison& c) {
  return absl::StrFormat(
      "{\"masks\":[{\"file\":%s,\"pixels\":%d,\"area_share\":%.6f},"
      "{\"file\":%s,\"pixels\":%d,\"area_share\":%.6f}],\"width\":%d,\"height\":%d,"
      "\"dice\":%s,\"jaccard\":%s,\"hausdorff95_px\":%s,"
      "\"both_pixels\":%d,\"first_only_pixels\":%d,\"second_only_pixels\":%d}\n",
      log::Value(options.one).json(), c.one(), c.Share(c.one()), log::Value(options.other).json(),
      c.other(), c.Share(c.other()), c.width, c.height, Figure(c.Dice(), "null"),
      Figure(c.counts.Jaccard(), "null"), Figure(c.hausdorff95_px, "null"), c.counts.true_positive,
      c.counts.false_positive, c.counts.false_negative);
}

std::string Text(const CompareOptions& options, const Comparison& c) {
  const auto row = [&c](const std::string& what, int64_t pixels) {
    return std::vector<std::string>{what, absl::StrCat(pixels),
                                    absl::StrFormat("%.2f", 100 * c.Share(pixels))};
  };
  return absl::StrCat(Aligned({{"mask", "pixels", "area %"},
                               row(options.one, c.one()),
                               row(options.other, c.other()),
                               row("in both", c.counts.true_positive),
                               row("first only", c.counts.false_positive),
                               row("second only", c.counts.false_negative)}),
                      "Dice ", Figure(c.Dice(), "n/a"), ", Jaccard ",
                      Figure(c.counts.Jaccard(), "n/a"), ", HD95 ",
                      std::isnan(c.hausdorff95_px) ? std::string("n/a")
                                                   : absl::StrFormat("%.1f px", c.hausdorff95_px),
                      "\n");
}

}  // namespace

int Compare(const CompareOptions& options, std::ostream& out, std::ostream& err) {
  const auto comparison = CompareFiles(options);
  if (!comparison.ok()) {
    err << comparison.status().message() << "\n";
    return kSomeFailed;
  }
  out << (options.json ? Json(options, *comparison) : Text(options, *comparison));
  return kAllWell;
}

}  // namespace lingula::cli
