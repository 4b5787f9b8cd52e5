#include "client/stream_figures.h"

#include <gmock/gmock.h>

namespace lingula::cli {
namespace {

using namespace std::chrono_literals;  // NOLINT
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

v1::SegmentStreamResponse Mask() {
  v1::SegmentStreamResponse answer;
  answer.mutable_result();
  return answer;
}

v1::SegmentStreamResponse Drop(v1::DropReason reason) {
  v1::SegmentStreamResponse answer;
  answer.mutable_drop()->set_reason(reason);
  return answer;
}

TEST(StreamFigures, CountsRateAndLatencyOfMasks) {
  StreamFigures figures;
  Instant now;
  for (int i = 1; i <= 101; ++i) {
    figures.Add(Mask(), std::chrono::milliseconds(i), now);
    now += 20ms;
  }
  EXPECT_EQ(figures.frames(), 101);
  EXPECT_EQ(figures.failed(), 0);
  EXPECT_EQ(figures.Line(), "101 masks, 50.0 a second, p50 51.0 ms, p99 100.0 ms, 0 dropped");
  EXPECT_THAT(figures.Summary(), HasSubstr("longest 101.0 ms"));
  EXPECT_THAT(figures.Json(), HasSubstr(R"("frames":101,"masks":101,"superseded":0)"));
}

TEST(StreamFigures, OnlyUnaskedDropsAreFailures) {
  StreamFigures figures;
  figures.Add(Drop(v1::DROP_REASON_SUPERSEDED), 1ms, Instant());
  figures.Add(Drop(v1::DROP_REASON_TOO_OLD), 1ms, Instant());
  EXPECT_EQ(figures.failed(), 0);
  figures.Add(Drop(v1::DROP_REASON_BAD_FRAME), 1ms, Instant());
  figures.Add(Drop(v1::DROP_REASON_REFUSED), 1ms, Instant());
  figures.Add(Drop(static_cast<v1::DropReason>(99)), 1ms, Instant());  // newer than this program
  EXPECT_EQ(figures.failed(), 3);
  EXPECT_THAT(figures.Summary(), StartsWith("5 frames, 0 masks\ndropped,"));
  EXPECT_THAT(figures.Summary(), HasSubstr("dropped, too old: 1\n"));
  EXPECT_THAT(figures.Summary(), Not(HasSubstr("failed")));
}

}  // namespace
}  // namespace lingula::cli
