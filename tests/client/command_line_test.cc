#include "client/command_line.h"

#include <filesystem>
#include <sstream>

#include "client/input_files.h"
#include "tests/client/command_test.h"
#include "tests/client/fake_server.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class CommandLineTest : public test::CommandTest {
 protected:
  void SetUp() override {
    Put("a.png");
    Put("b.jpg");
    v1::SegmentResponse answer;
    answer.mutable_model()->set_name("tiny");
    answer.mutable_model()->set_version("3");
    answer.mutable_quality()->set_area_share(0.125);
    answer.mutable_quality()->set_expected_dice(0.84F);
    answer.mutable_location()->set_sentence("Somewhere.");
    answer.add_flags(v1::FLAG_UNCALIBRATED);
    answer.add_flags(v1::FLAG_LOSSY_INPUT);
    v1::ZoneProbability& zone = *answer.mutable_guidance()->add_zones();
    zone.set_zone(v1::ZONE_IMAGE_LEFT_LOWER);
    zone.set_probability(0.93F);
    answer.set_notice("Research use only.");
    server_.Answer(answer);
  }
  void Put(const std::string& name) const { CommandTest::Put(name, "bytes of " + name); }
  int Segment(std::vector<std::string> words, bool terminal = false) {
    words.insert(words.begin(), {"segment", "--server", server_.target()});
    return Run(words, terminal);
  }

  test::FakeServer server_;
};

TEST_F(CommandLineTest, PrintsOneTable) {
  EXPECT_EQ(Segment({At("a.png"), At("b.jpg")}), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("expected Dice"), HasSubstr(At("a.png") + "  tiny@3"),
                    HasSubstr("12.50  0.84 (uncalibrated)"), HasSubstr("LOSSY_INPUT\n"),
                    HasSubstr("zones: image left lower 93 %\n    Somewhere.\n"),
                    HasSubstr("tiny: Research use only.\n"), Not(HasSubstr("UNCALIBRATED"))));
  EXPECT_THAT(err_.str(), IsEmpty());
  ASSERT_THAT(server_.requests(), SizeIs(2));
  EXPECT_EQ(server_.requests()[0].image().encoded(), "bytes of a.png");
  EXPECT_TRUE(server_.requests()[0].want_location_text());
}

TEST_F(CommandLineTest, ShowsHowSureACalibratedModelIs) {
  v1::SegmentResponse answer;
  v1::Quality& quality = *answer.mutable_quality();
  quality.set_expected_dice(0.84F);
  quality.set_calibrated(true);
  quality.set_expected_dice_low(0.7F);
  quality.set_expected_dice_high(0.92F);
  quality.set_outlier_percentile(0.99F);
  answer.add_flags(v1::FLAG_OUT_OF_DISTRIBUTION);
  server_.Answer(answer);
  EXPECT_EQ(Segment({At("a.png")}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("0.84 [0.70, 0.92]"), HasSubstr("OUT_OF_DISTRIBUTION"),
                                HasSubstr("further from it than 99 % of it")));
}

TEST_F(CommandLineTest, AnEmptyMaskHasNoDice) {
  v1::SegmentResponse answer;
  answer.add_flags(v1::FLAG_EMPTY_MASK);
  server_.Answer(answer);
  EXPECT_EQ(Segment({At("a.png")}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("n/a"), HasSubstr("EMPTY_MASK")));
}

TEST_F(CommandLineTest, SendsWhatTheOptionsSay) {
  EXPECT_EQ(Segment({At("a.png"), "--model", "tiny@3", "--threshold", "0.25", "--rle",
                     "--viewer-left", "patient-right"}),
            0);
  const v1::SegmentRequest request = server_.requests().at(0);
  EXPECT_EQ(request.model(), "tiny@3");
  EXPECT_EQ(request.threshold(), 0.25F);
  EXPECT_EQ(request.viewer_left(), v1::VIEWER_LEFT_IS_PATIENT_RIGHT);
  EXPECT_THAT(request.mask_formats(), ElementsAre(v1::MASK_FORMAT_COCO_RLE));
  EXPECT_EQ(Segment({At("a.png")}), 0);
  EXPECT_FALSE(server_.requests().at(1).has_threshold());
}

TEST_F(CommandLineTest, SendsAReportAndShowsWhatGuided) {
  v1::SegmentResponse answer;
  v1::RetrievedPrototype& zone = *answer.mutable_guidance()->add_prototypes();
  zone.set_zone(v1::ZONE_IMAGE_LEFT_LOWER);
  zone.set_index(3);
  zone.set_similarity(0.5F);
  answer.mutable_guidance()->add_prototypes()->set_label(7);
  answer.mutable_guidance()->set_prototype_margin(0.25F);
  answer.mutable_guidance()->set_report_truncated(true);
  server_.Answer(answer);
  EXPECT_EQ(Segment({At("a.png"), "--report", "all is well"}), 0);
  EXPECT_EQ(server_.requests().at(0).guidance().mode(), v1::GUIDANCE_MODE_REPORT);
  EXPECT_EQ(server_.requests().at(0).guidance().report(), "all is well");
  EXPECT_THAT(out_.str(), HasSubstr("prototypes: image left lower #3 (0.500), pool 7 #0 (0.000); "
                                    "margin 0.25"));
  EXPECT_THAT(out_.str(), HasSubstr("longer than the network reads"));
}

TEST_F(CommandLineTest, PrintsOneJsonObjectAFile) {
  server_.Script({{grpc::Status(grpc::INVALID_ARGUMENT, "no \"image\"")}});
  EXPECT_EQ(Segment({At("b.jpg"), At("a.png"), "--json", "--rle", "--out", At("out")}), 1);
  std::istringstream lines(out_.str());
  std::string first, second, more;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_FALSE(std::getline(lines, more));
  EXPECT_EQ(first, "{\"file\":\"" + At("b.jpg") +
                       R"(","error":{"code":"INVALID_ARGUMENT","message":"no \"image\""}})");
  EXPECT_THAT(second, AllOf(HasSubstr("{\"file\":\"" + At("a.png") + "\",\"written\":[\"" +
                                      At("out/a.mask.png") + "\"],\"round_trip_us\":"),
                            HasSubstr("\"expected_dice\":0.84"), HasSubstr("\"counts\":\"abc\""),
                            Not(HasSubstr("\"png\""))));
}

TEST_F(CommandLineTest, GoesOnAfterAFileThatFails) {
  server_.Script({{grpc::Status(grpc::OUT_OF_RANGE, "10 pixels at most")}});
  EXPECT_EQ(Segment({At("a.png"), At("none.png"), At("b.jpg")}), 1);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr(At("a.png") + ": too large: 10 pixels at most\n"),
                                HasSubstr("none.png: cannot read")));
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr(At("b.jpg")), HasSubstr("  tiny@3"), Not(HasSubstr("a.png"))));
}

TEST_F(CommandLineTest, StopsWhenTheServerGoesAway) {
  const test::Scripted draining{grpc::Status(grpc::UNAVAILABLE, "draining"), "-1"};
  server_.Script({draining});
  EXPECT_EQ(Segment({At("a.png"), At("b.jpg")}), 3);
  EXPECT_THAT(server_.requests(), SizeIs(1));
  server_.Stop();
  EXPECT_EQ(Segment({At("a.png")}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("cannot reach " + server_.target()));
  EXPECT_EQ(Run({"health", "--server", server_.target()}), 3);
  EXPECT_EQ(Run({"models", "--server", server_.target()}), 3);
}

TEST_F(CommandLineTest, TakesTheImagesOfAFolderInOrder) {
  Put("c.PNG");
  Put("notes.txt");
  EXPECT_EQ(Segment({folder_.path()}), 0);
  ASSERT_THAT(server_.requests(), SizeIs(3));
  EXPECT_EQ(server_.requests()[0].image().encoded(), "bytes of a.png");
  EXPECT_EQ(server_.requests()[2].image().encoded(), "bytes of c.PNG");
  fs::create_directory(At("empty"));
  EXPECT_EQ(Segment({At("empty")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("no PNG, JPEG or DICOM"));
}

TEST_F(CommandLineTest, NamesResultsApart) {
  fs::create_directory(At("more"));
  Put("more/a.png");
  EXPECT_EQ(Segment({At("a.png"), At("more/a.png"), "--out", At("out")}), 0);
  EXPECT_EQ(test::Content(At("out/a.mask.png")), "the mask");
  EXPECT_TRUE(fs::exists(At("out/a-2.mask.png")));
  EXPECT_FALSE(fs::exists(At("out/a.overlay.png")));
}

TEST_F(CommandLineTest, ShowsProgressOnATerminalOnly) {
  std::vector<std::string> words;
  for (int i = 0; i < 11; ++i) {
    words.push_back(At("a.png"));
  }
  EXPECT_EQ(Segment(words, /*terminal=*/true), 0);
  EXPECT_THAT(err_.str(), HasSubstr("10 of 11"));
  EXPECT_EQ(Segment(words, /*terminal=*/false), 0);
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(CommandLineTest, ListsModelsAndHealth) {
  EXPECT_EQ(Run({"models", "--server", server_.target()}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("tiny@3"), HasSubstr("0.812 on some/val (7)")));
  EXPECT_EQ(Run({"models", "--server", server_.target(), "--json"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"name\":\"tiny\""));
  EXPECT_EQ(Run({"health", "--server", server_.target()}), 0);
  EXPECT_EQ(out_.str(), "SERVING\n");
  EXPECT_EQ(Run({"health", "--server", server_.target(), "--service", "tiny"}), 1);
  EXPECT_EQ(out_.str(), "NOT_SERVING\n");
  EXPECT_EQ(Run({"health", "--server", server_.target(), "--service", "unknown"}), 1);
}

TEST_F(CommandLineTest, AsksForAnySignOfLife) {
  EXPECT_EQ(Run({"health", "--server", server_.target(), "--service", "tiny", "--alive"}), 0);
  EXPECT_EQ(out_.str(), "NOT_SERVING\n");
  server_.Stop();
  EXPECT_EQ(Run({"health", "--server", server_.target(), "--alive"}), 3);
}

TEST_F(CommandLineTest, HelpIsNoMistake) {
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_EQ(Run({"segment", "--help"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("--overlay [DIR]"), HasSubstr("127.0.0.1:8500")));
}

// Words after "segment --server S"; F stands for the test's folder.
struct OverlayCase {
  const char* name;
  std::vector<std::string> words;
  size_t sent;
  std::vector<std::string> written;
};
class OverlayTest : public CommandLineTest, public testing::WithParamInterface<OverlayCase> {};

TEST_P(OverlayTest, FindsFolderAndFiles) {
  std::vector<std::string> words;
  for (const std::string& word : GetParam().words) {
    words.push_back(word.front() == '-' ? word : At(word));
  }
  EXPECT_EQ(Segment(words), 0) << err_.str();
  EXPECT_THAT(server_.requests(), SizeIs(GetParam().sent));
  for (const std::string& name : GetParam().written) {
    EXPECT_EQ(test::Content(At(name)), "the overlay") << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, OverlayTest,
    testing::Values(
        OverlayCase{"folder", {"a.png", "--overlay", "o"}, 1, {"o/a.overlay.png"}},
        OverlayCase{"folder_then_file", {"--overlay", "o", "a.png"}, 1, {"o/a.overlay.png"}},
        OverlayCase{"last_word", {"a.png", "--out", "m", "--overlay"}, 1, {"m/a.overlay.png"}},
        OverlayCase{"a_file_follows",
                    {"--out", "m", "--overlay", "a.png", "b.jpg"},
                    2,
                    {"m/a.overlay.png", "m/b.overlay.png"}},
        OverlayCase{
            "an_option_follows", {"a.png", "--overlay", "--out", "m"}, 1, {"m/a.overlay.png"}},
        OverlayCase{
            "both_folders", {"a.png", "--overlay", "o", "--out", "m"}, 1, {"o/a.overlay.png"}}),
    [](const auto& info) { return std::string(info.param.name); });

struct UsageCase {
  const char* name;
  std::vector<std::string> words;
};
class UsageTest : public CommandLineTest, public testing::WithParamInterface<UsageCase> {};

TEST_P(UsageTest, ExitsWithTwoAndSaysWhy) {
  EXPECT_EQ(Run(GetParam().words), 2);
  EXPECT_THAT(err_.str(), Not(IsEmpty()));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, UsageTest,
    testing::Values(UsageCase{"nothing", {}}, UsageCase{"unknown_verb", {"draw"}},
                    UsageCase{"no_file", {"segment"}},
                    UsageCase{"unknown_option", {"segment", "a.png", "--colour"}},
                    UsageCase{"threshold_zero", {"segment", "a.png", "--threshold", "0"}},
                    UsageCase{"threshold_one", {"segment", "a.png", "--threshold", "1"}},
                    UsageCase{"threshold_text", {"segment", "a.png", "--threshold", "x"}},
                    UsageCase{"side", {"segment", "a.png", "--viewer-left", "left"}},
                    UsageCase{"side_number", {"segment", "a.png", "--viewer-left", "7"}},
                    UsageCase{"deadline", {"segment", "a.png", "--deadline-ms", "0"}},
                    UsageCase{"overlay_nowhere", {"segment", "a.png", "--overlay"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(SettleOverlayTest, AMisspelledImageIsNoFolder) {
  EXPECT_THAT(cli::SettleOverlay({"--overlay", "misspelled.png"}),
              ElementsAre("--overlay=-", "misspelled.png"));
  EXPECT_THAT(cli::SettleOverlay({"--overlay", "folder"}), ElementsAre("--overlay", "folder"));
}

}  // namespace
}  // namespace lingula
