#include "model/bundle/textproto.h"

#include "lingula/bundle/v1/manifest.pb.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

TEST(TextprotoTest, TakesWhatIsWellFormed) {
  Manifest manifest;
  const Textproto text("name: \"a\"\ninput { side_px: 64 }", "m", manifest);
  EXPECT_TRUE(text.parsed());
  EXPECT_THAT(text.status(), IsOk());
  EXPECT_EQ(manifest.input().side_px(), 64);
  EXPECT_TRUE(text.Has("input.side_px"));
  EXPECT_FALSE(text.Has("input.channels"));
  EXPECT_FALSE(text.Has("no_such_field"));
}

TEST(TextprotoTest, SaysWhereTheSyntaxIsWrong) {
  Manifest manifest;
  const Textproto text("name: \"a\"\nversion 3\n", "m.textproto", manifest);
  EXPECT_FALSE(text.parsed());
  EXPECT_THAT(text.status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("m.textproto:2:9: ")));
}

TEST(TextprotoTest, StepsOverUnknownFieldsAndReportsEach) {
  Manifest manifest;
  const Textproto text("colour: 1\nname: \"a\"\ninput { size: 2 side_px: 64 }", "m", manifest);
  EXPECT_TRUE(text.parsed());
  EXPECT_EQ(manifest.input().side_px(), 64);
  const std::string lines(text.status().message());
  EXPECT_THAT(lines, HasSubstr("m:1:7: "));
  EXPECT_THAT(lines, HasSubstr("\"colour\""));
  EXPECT_THAT(lines, HasSubstr("m:3:13: "));
}

TEST(TextprotoTest, AHostileFileDoesNotFillTheLog) {
  Manifest manifest;
  std::string lines;
  for (int i = 0; i < 100; ++i) {
    lines += "unknown_" + std::string(1000, 'x') + ": 1\n";
  }
  Textproto text(lines, "m", manifest);
  text.Problem("name", std::string("got \"\n\x1b\" \xC3\xA9", 11));
  const std::string message(text.status().message());
  EXPECT_THAT(message, HasSubstr("m:1:1: name: got \"??\" \xC3\xA9"));
  EXPECT_THAT(message, HasSubstr("m: and 61 more mistakes"));
  EXPECT_LT(message.size(), 12000);
}

struct Case {
  const char* name;
  const char* path;
  const char* expected;
};
class PlaceTest : public testing::TestWithParam<Case> {};

TEST_P(PlaceTest, FindsTheNearestPlace) {
  Manifest manifest;
  Textproto text(
      "name: \"a\"\n"
      "sgseg {\n"
      "  decoder_widths: [8, 4, 2, 1]\n"
      "  guide_text_tokens: 1 guide_text_tokens: 2\n"
      "}\n"
      "files { name: \"x\" }\n"
      "  files { name: \"y\" }\n",
      "m", manifest);
  text.Problem(GetParam().path, "bad");
  EXPECT_EQ(text.status().message(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, PlaceTest,
    testing::Values(Case{"top", "name", "m:1:1: name: bad"},
                    Case{"nested", "sgseg.decoder_widths", "m:3:3: sgseg.decoder_widths: bad"},
                    Case{"list", "sgseg.decoder_widths[2]", "m:3:3: sgseg.decoder_widths[2]: bad"},
                    Case{"repeated", "sgseg.guide_text_tokens[1]",
                         "m:4:24: sgseg.guide_text_tokens[1]: bad"},
                    Case{"message", "files[1].name", "m:7:11: files[1].name: bad"},
                    Case{"absent_field", "files[1].sha256", "m:7:3: files[1].sha256: bad"},
                    Case{"absent_parent", "sgseg.location.dim", "m:2:1: sgseg.location.dim: bad"},
                    Case{"absent_all", "threshold", "m:1:1: threshold: bad"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TextprotoTest, SortsProblemsByPlace) {
  Manifest manifest;
  Textproto text("version: \"1\"\nname: \"a\"\nthreshold: 7\n", "m", manifest);
  text.CheckRange("threshold", 7, 0, 1);
  text.CheckRange("version", 1, 1, 1);
  text.Problem("name", "bad");
  EXPECT_EQ(text.status().message(),
            "m:2:1: name: bad\nm:3:1: threshold: must be in [0, 1], got 7");
}

TEST(TextprotoTest, RefusesDeepNesting) {
  Manifest manifest;
  std::string nested;
  for (int i = 0; i < 10000; ++i) {
    nested += "x {";
  }
  EXPECT_THAT(Textproto(nested, "m", manifest).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace lingula
