#include "model/plot/plot.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/base/file.h"
#include "model/image/pixels.h"
#include "model/plot/chart_check.h"
#include "model/plot/frame.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::DoubleNear;
using testing::HasSubstr;
using testing::Pointwise;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class PlotTest : public testing::Test {
 protected:
  std::string Path() const { return folder_.path() + "/chart.png"; }
  cv::Mat Read() const {
    const auto bytes = ReadFile(Path());
    EXPECT_THAT(bytes, IsOk());
    return DecodeImage(*bytes, 3, PixelLimits())->pixels;
  }
  // Pixels of nearly the colour of a series.
  int Count(size_t series) const {
    const Colour c = SeriesColour(series);
    const cv::Scalar colour(c.blue, c.green, c.red);
    cv::Mat near;
    cv::inRange(Read(), colour - cv::Scalar::all(12), colour + cv::Scalar::all(12), near);
    return cv::countNonZero(near);
  }
  test::TempFolder folder_;
  Figure figure_{"Title", "epoch", "Dice", 400, 300, {}, {}, false};
};

TEST_F(PlotTest, LinesHaveTheFiguresSizeAndEachSeriesItsColour) {
  ASSERT_THAT(PlotLines(Path(), figure_, {{"a", {1, 2, 3}, {1, 2, 3}}, {"b", {1, 3}, {3, 1}}}),
              IsOk());
  EXPECT_EQ(Read().size(), cv::Size(400, 300));
  EXPECT_GT(Count(0), 300);
  EXPECT_GT(Count(1), 300);
  EXPECT_EQ(Count(2), 0);
}

TEST_F(PlotTest, NoNameNoLegend) {
  ASSERT_THAT(PlotLines(Path(), figure_, {{"", {1, 2, 3}, {1, 2, 3}}}), IsOk());
  const int without = Count(0);
  ASSERT_THAT(PlotLines(Path(), figure_, {{"named", {1, 2, 3}, {1, 2, 3}}}), IsOk());
  EXPECT_GT(Count(0), without + 50);
}

TEST_F(PlotTest, NotANumberIsAGap) {
  std::vector<double> x, y, gap;
  for (int i = 0; i < 100; ++i) {
    x.push_back(i);
    y.push_back(0.5);
    gap.push_back(i > 30 && i < 70 ? NAN : 0.5);
  }
  ASSERT_THAT(PlotLines(Path(), figure_, {{"", x, y}}), IsOk());
  const int whole = Count(0);
  ASSERT_THAT(PlotLines(Path(), figure_, {{"", x, gap}}), IsOk());
  EXPECT_NEAR(Count(0), 0.6 * whole, 0.1 * whole);
}

TEST_F(PlotTest, OnePointIsSeen) {
  for (const double y : {0.0, 7.0, -1e-300, 1e300}) {
    ASSERT_THAT(PlotLines(Path(), figure_, {{"", {1}, {y}}}), IsOk()) << y;
    EXPECT_GT(Count(0), 10) << y;
  }
  std::vector<double> many(100, NAN), x(100);
  many[50] = 1;  // alone among gaps, in a long series
  for (int i = 0; i < 100; ++i) {
    x[i] = i;
  }
  ASSERT_THAT(PlotLines(Path(), figure_, {{"", x, many}}), IsOk());
  EXPECT_GT(Count(0), 10);
}

TEST_F(PlotTest, AGivenRangeCutsOff) {
  figure_.y_range = AxisRange{0, 1};
  ASSERT_THAT(PlotScatter(Path(), figure_, {{"", {0, 1, 2}, {5, 6, -5}}}), IsOk());
  EXPECT_EQ(Count(0), 0);
  ASSERT_THAT(PlotLines(Path(), figure_, {{"", {0, 1}, {5, 5}}, {"", {0, 1}, {0.5, 0.5}}}), IsOk());
  EXPECT_EQ(Count(0), 0);
  EXPECT_GT(Count(1), 100);
}

TEST_F(PlotTest, DiagonalIsDrawn) {
  figure_.x_range = figure_.y_range = AxisRange{0, 1};
  const std::vector<Series> series{{"", {0.2}, {0.4}}};
  ASSERT_THAT(PlotScatter(Path(), figure_, series), IsOk());
  const cv::Mat without = Read();
  figure_.diagonal = true;
  ASSERT_THAT(PlotScatter(Path(), figure_, series), IsOk());
  EXPECT_GT(cv::norm(Read(), without, cv::NORM_L1), 50 * 255);
}

TEST_F(PlotTest, BarsAreAsLongAsTheirValues) {
  figure_.x_range = AxisRange{0, 1};
  const auto area = [&](double value) {
    EXPECT_THAT(PlotBars(Path(), figure_, {{"a name that is long", value, NAN, NAN}}), IsOk());
    cv::Mat blue;
    cv::inRange(Read(), cv::Scalar(150, 100, 0), cv::Scalar(220, 170, 100), blue);
    return cv::countNonZero(blue);
  };
  const double half = area(0.5);
  EXPECT_GT(half, 1000);
  EXPECT_NEAR(area(0.25) / half, 0.5, 0.02);
  EXPECT_NEAR(area(0.75) / half, 1.5, 0.03);
}

TEST_F(PlotTest, BarsShowTheirIntervals) {
  ASSERT_THAT(PlotBars(Path(), figure_, {{"a", 0.8, NAN, NAN}}), IsOk());
  const cv::Mat without = Read();
  figure_.x_range = AxisRange{0, 0.8};
  ASSERT_THAT(PlotBars(Path(), figure_, {{"a", 0.8, NAN, NAN}, {"b", -0.1, -0.3, 0.1}}), IsOk());
  EXPECT_GT(cv::norm(Read(), without, cv::NORM_L1), 0);
}

TEST_F(PlotTest, HistogramsLieOverEachOther) {
  ValueSet a{"inside", {}}, b{"outside", {}};
  for (int i = 0; i < 500; ++i) {
    a.values.push_back(std::sin(i));
    b.values.push_back(3 + std::cos(i));
  }
  b.values.push_back(NAN);
  ASSERT_THAT(PlotHistogram(Path(), figure_, {a, b}), IsOk());
  EXPECT_GT(Count(0), 100);
  EXPECT_GT(Count(1), 100);
}

TEST_F(PlotTest, RefusesWhatCannotBeDrawn) {
  EXPECT_THAT(PlotLines(Path(), figure_, {}), StatusIs(kInvalid, HasSubstr("without series")));
  EXPECT_THAT(PlotLines(Path(), figure_, {{"empty", {}, {}}}),
              StatusIs(kInvalid, HasSubstr("'empty'")));
  EXPECT_THAT(PlotScatter(Path(), figure_, {{"gaps", {1, NAN}, {NAN, 1}}}),
              StatusIs(kInvalid, HasSubstr("'gaps'")));
  EXPECT_THAT(PlotLines(Path(), figure_, {{"odd", {1, 2}, {1}}}),
              StatusIs(kInvalid, HasSubstr("2 x and 1 y")));
  EXPECT_THAT(PlotBars(Path(), figure_, {}), StatusIs(kInvalid));
  EXPECT_THAT(PlotBars(Path(), figure_, {{"b", NAN, 0, 0}}), StatusIs(kInvalid, HasSubstr("'b'")));
  EXPECT_THAT(PlotHistogram(Path(), figure_, {{"s", {NAN}}}), StatusIs(kInvalid, HasSubstr("'s'")));
  EXPECT_THAT(PlotHistogram(Path(), figure_, {{"s", {1}}}, 0), StatusIs(kInvalid));
  figure_.x_range = AxisRange{1, 1};
  EXPECT_THAT(PlotLines(Path(), figure_, {{"", {1}, {1}}}), StatusIs(kInvalid));
  figure_.x_range.reset();
  figure_.width_px = 20;
  EXPECT_THAT(PlotLines(Path(), figure_, {{"", {1}, {1}}}),
              StatusIs(kInvalid, HasSubstr("200 x 150")));
  EXPECT_FALSE(std::filesystem::exists(Path()));
}

TEST_F(PlotTest, NamesTheFileThatCannotBeWritten) {
  const std::string nowhere = folder_.path() + "/absent/chart.png";
  const absl::Status status = PlotLines(nowhere, figure_, {{"", {1}, {1}}});
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("absent"));
}

TEST(CountBinsTest, SharesAreOfTheSample) {
  const ValueSet sample{"", {0, 0.1, 0.5, 1, 1, 7, NAN}};
  EXPECT_THAT(CountBins(sample, {0, 1}, 4).y,
              Pointwise(DoubleNear(1e-9), {200.0 / 6, 0.0, 100.0 / 6, 200.0 / 6}));
}

}  // namespace
}  // namespace lingula
