#include "model/base/log.h"

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"

namespace lingula {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

TEST(LogTest, WritesOneJsonObjectALine) {
  CaptureStderr();
  log::Warning("queue full", {{"waiting", 64}, {"share", 0.25}, {"draining", false}});
  const std::string line = GetCapturedStderr();
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["message"], "queue full");
  EXPECT_EQ(json["waiting"], 64);
  EXPECT_EQ(json["share"], 0.25);
  EXPECT_EQ(json["draining"], false);
  EXPECT_THAT(json["time"].get<std::string>(), testing::MatchesRegex("....-..-..T..:..:...*Z"));
}

TEST(LogTest, HostileBytesCannotBreakALine) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) {
    every_byte += static_cast<char>(byte);
  }
  const std::string forged = "x\"}\n{\"level\":\"error\",\"message\":\"forged";
  CaptureStderr();
  log::Error(every_byte, {{forged, every_byte}, {"text", forged}});
  const std::string line = GetCapturedStderr();
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.size(), 5);
  EXPECT_EQ(json["text"], forged);
  EXPECT_EQ(json["level"], "error");
  for (const char c : line) {
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));
  }
}

TEST(LogTest, NumbersThatJsonLacksBecomeNull) {
  CaptureStderr();
  log::Info("x", {{"nan", std::numeric_limits<double>::quiet_NaN()},
                  {"inf", -std::numeric_limits<double>::infinity()}});
  const auto json = nlohmann::json::parse(GetCapturedStderr());
  EXPECT_TRUE(json["nan"].is_null());
  EXPECT_TRUE(json["inf"].is_null());
}

TEST(LogTest, LevelDropsWhatIsBelowIt) {
  log::SetLevel(log::Level::kWarning);
  CaptureStderr();
  log::Info("dropped");
  log::Warning("kept");
  log::SetLevel(log::Level::kInfo);
  log::Debug("dropped");
  EXPECT_EQ(nlohmann::json::parse(GetCapturedStderr())["message"], "kept");
}

TEST(LogTest, LinesOfSeveralThreadsDoNotMix) {
  constexpr int kThreads = 4;
  constexpr int kLines = 50;
  CaptureStderr();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([] {
      for (int line = 0; line < kLines; ++line) {
        log::Info(std::string(300, 'm'));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const std::string text = GetCapturedStderr();
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), kThreads * kLines);
  for (const std::string& line : lines) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

}  // namespace
}  // namespace lingula
