#include "server/tracing/trace_context.h"

#include <gmock/gmock.h>

#include "server/tracing/tracer.h"

namespace lingula {
namespace {

constexpr char kHeader[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, IsReadAndWritten) {
  const auto context = ParseTraceparent(kHeader);
  ASSERT_TRUE(context.has_value());
  EXPECT_TRUE(context->exists());
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(TraceIdText(*context), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(BytesOf(context->span_id), "\xb7\xadkqi 31");
  EXPECT_EQ(FormatTraceparent(*context), kHeader);
  EXPECT_EQ(TraceIdText(TraceContext()), "");
}

TEST(TraceContext, OnlyTheFlagThatIsKnownCounts) {
  const std::string ids(kHeader, 53);
  EXPECT_FALSE(ParseTraceparent(ids + "00")->sampled);
  EXPECT_FALSE(ParseTraceparent(ids + "fe")->sampled);
  EXPECT_TRUE(ParseTraceparent(ids + "ff")->sampled);
}

TEST(TraceContext, LaterVersionsMaySayMore) {
  const std::string later = "cc" + std::string(kHeader).substr(2);
  for (const std::string& header : {later, later + "-what-else", later + "-"}) {
    ASSERT_TRUE(ParseTraceparent(header).has_value()) << header;
    EXPECT_EQ(FormatTraceparent(*ParseTraceparent(header)), kHeader);
  }
  EXPECT_FALSE(ParseTraceparent(later + "what-else").has_value());
}

TEST(TraceContext, WhatIsNotValidIsNoContext) {
  const std::string good = kHeader;
  const std::string bad[] = {
      "",
      "00",
      good + "-more",
      good + ",",
      good.substr(0, 54),
      "ff" + good.substr(2),
      "0G" + good.substr(2),
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
      "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
      " " + good.substr(1),
      good + "," + good,
  };
  for (const std::string& header : bad) {
    EXPECT_FALSE(ParseTraceparent(header).has_value()) << header;
  }
}

TEST(Tracer, FreshSpanIdsDiffer) {
  EXPECT_NE(FreshSpanId(), FreshSpanId());
}

}  // namespace
}  // namespace lingula
