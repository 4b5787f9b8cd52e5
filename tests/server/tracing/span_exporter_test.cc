#include "server/tracing/span_exporter.h"

#include <gmock/gmock.h>

#include "tests/server/tracing/fake_collector.h"

namespace lingula {
namespace {

using testing::HasSubstr;

class SpanExporterTest : public testing::Test {
 protected:
  SpanExporterTest() {
    options_.endpoint = collector_.target();
    options_.interval = std::chrono::hours(1);  // nothing is sent but full batches, and by Flush
    options_.max_batch = 4;
    options_.max_queued = 8;
    options_.report = [this](const SpanCounts& counts) {
      MutexLock lock(mu_);
      counts_ = counts;
    };
  }
  static std::vector<OtlpSpan> Spans(int count) {
    OtlpSpan span;
    span.set_name("made up");
    return {static_cast<size_t>(count), span};
  }
  SpanCounts counts() {
    MutexLock lock(mu_);
    return counts_;
  }

  test::FakeCollector collector_;
  SpanExporter::Options options_;
  Mutex mu_;
  SpanCounts counts_ ABSL_GUARDED_BY(mu_);
};

TEST_F(SpanExporterTest, SendsBatches) {
  SpanExporter exporter(options_);
  exporter.Append(Spans(3));
  exporter.Append(Spans(2));
  exporter.Flush();
  EXPECT_EQ(collector_.spans().size(), 5U);
  EXPECT_EQ(collector_.requests(), 2);
  EXPECT_EQ(collector_.spans()[0].name(), "made up");
  EXPECT_THAT(collector_.resource(), HasSubstr("lingula-server"));
  EXPECT_EQ(counts().exported, 5);
  EXPECT_EQ(counts().dropped, 0);
}

TEST_F(SpanExporterTest, SendsWhatIsLeftAtTheEnd) {
  {
    SpanExporter exporter(options_);
    exporter.Append(Spans(2));
  }
  EXPECT_EQ(collector_.spans().size(), 2U);
}

TEST_F(SpanExporterTest, ACollectorThatIsAwayCostsSpansOnly) {
  options_.timeout = std::chrono::milliseconds(50);
  SpanExporter exporter(options_);
  collector_.Stop();
  exporter.Append(Spans(3));
  exporter.Flush();
  EXPECT_EQ(counts().dropped, 3);
  collector_.Start();
  do {  // until the connection is there again
    exporter.Append(Spans(1));
    exporter.Flush();
  } while (counts().exported == 0);
  EXPECT_GE(collector_.spans().size(), 1U);
  EXPECT_GE(counts().dropped, 3);
}

TEST_F(SpanExporterTest, WhatFindsNoRoomIsDroppedWhole) {
  options_.max_batch = 100;
  SpanExporter exporter(options_);
  exporter.Append(Spans(6));
  exporter.Append(Spans(3));
  exporter.Append(Spans(2));
  exporter.Flush();
  EXPECT_EQ(collector_.spans().size(), 8U);
  EXPECT_EQ(counts().dropped, 3);
}

}  // namespace
}  // namespace lingula
