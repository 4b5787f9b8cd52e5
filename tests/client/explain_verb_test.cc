// `lingula explain`: a page that stands alone.
#include "client/explain_verb.h"

#include <filesystem>
#include <regex>
#include <vector>

#include <gmock/gmock.h>

#include <opencv2/core.hpp>

#include "client/explain_page.h"
#include "model/base/file.h"
#include "model/image/png_file.h"
#include "tests/client/command_test.h"
#include "tests/client/fake_server.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Empty when every element is closed in its turn, else where not. The page is XML, so a start tag
// that ends in "/>" is closed.
std::string Unbalanced(std::string page) {
  page = std::regex_replace(page, std::regex("<(script|style)>[^<]*</\\1>"), "");
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:\\s+[a-zA-Z0-9:-]+=\"[^\"<]*\")*(/?)>");
  size_t tags = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), tag), end; it != end; ++it, ++tags) {
    const std::string name = (*it)[2];
    if ((*it)[1].length() == 0) {
      if ((*it)[3].length() == 0) {
        open.push_back(name);
      }
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  const auto angles = static_cast<size_t>(std::count(page.begin(), page.end(), '<'));
  if (angles != tags + 1) {  // and the document type
    return "a < that begins no tag";
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

v1::SegmentResponse FullAnswer() {
  v1::SegmentResponse answer;
  answer.mutable_model()->set_name("tiny<b>");
  answer.mutable_model()->set_family("sgseg");
  answer.set_notice("Research use only.");
  answer.mutable_location()->set_sentence("Here & \"there\" <script>alert(1)</script>.");
  for (int zone = 1; zone <= 6; ++zone) {
    v1::ZoneProbability& one = *answer.mutable_guidance()->add_zones();
    one.set_zone(static_cast<v1::Zone>(zone));
    one.set_probability(0.15F * static_cast<float>(zone));
  }
  answer.mutable_guidance()->set_model_input_report("lower left lung");
  v1::Quality& quality = *answer.mutable_quality();
  quality.set_expected_dice(0.84F);
  quality.set_expected_dice_low(0.7F);
  quality.set_expected_dice_high(0.93F);
  quality.set_coverage(0.9F);
  quality.set_calibrated(true);
  answer.add_flags(v1::FLAG_BURNED_IN_TEXT);
  answer.add_flags(v1::FLAG_LOSSY_INPUT);
  answer.mutable_timing()->set_infer_us(41500);
  answer.mutable_timing()->set_total_us(60000);
  v1::SecondOpinion& second = *answer.mutable_second_opinion();
  second.set_dice(0.5F);
  second.add_changed_zones(v1::ZONE_IMAGE_LEFT_MIDDLE);
  second.add_changed_zones(v1::ZONE_IMAGE_RIGHT_MIDDLE);
  for (auto* masks : {answer.mutable_masks(), second.mutable_masks()}) {
    auto& polygon = *masks->Add()->mutable_polygons()->add_polygons();
    for (const uint32_t at : {1, 1, 3, 1, 3, 2, 1, 2}) {
      polygon.add_xy(at);
    }
  }
  return answer;
}

cli::PageInput FullInput() {
  return {"a \"<name>\".png",
          FullAnswer(),
          {"data:image/png;base64,AAAA", 4, 3},
          {"data:image/png;base64,BBBB", 4, 3},
          v1::VIEWER_LEFT_UNSPECIFIED};
}

TEST(ExplainPage, IsWellFormedAndEscaped) {
  const std::string page = cli::ExplainPage(FullInput());
  EXPECT_EQ(Unbalanced(page), "");
  EXPECT_THAT(page, AllOf(HasSubstr("a &quot;&lt;name&gt;&quot;.png"),
                          HasSubstr("Here &amp; &quot;there&quot; &lt;script&gt;alert(1)"),
                          HasSubstr("tiny&lt;b&gt;"), Not(HasSubstr("<script>alert"))));
}

TEST(ExplainPage, RefersToNothingOutside) {
  std::string page = cli::ExplainPage(FullInput());
  EXPECT_THAT(page, HasSubstr("default-src 'none'; img-src data:;"));
  // The name of XHTML's vocabulary is an address that nothing fetches.
  page = std::regex_replace(page, std::regex(" xmlns=\"[^\"]*\""), "");
  for (const char* way_out : {"http:", "https:", "//", "url(", "@import", "<link", "<iframe",
                              "fetch(", "XMLHttpRequest", "src=\"/", "href="}) {
    EXPECT_THAT(page, Not(HasSubstr(way_out))) << way_out;
  }
  const std::regex source("src=\"([^\"]*)\"");
  int sources = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), source), end; it != end; ++it, ++sources) {
    EXPECT_THAT((*it)[1].str(), testing::StartsWith("data:image/png;base64,"));
  }
  EXPECT_EQ(sources, 2);
}

TEST(ExplainPage, ShowsWhatTheAnswerHolds) {
  const std::string page = cli::ExplainPage(FullInput());
  EXPECT_THAT(
      page, AllOf(HasSubstr("Research use only."), HasSubstr("0.84</span> expected Dice"),
                  HasSubstr("90 % of such masks lay in 0.70 to 0.93"), HasSubstr("BURNED_IN_TEXT"),
                  HasSubstr("image right lower"), HasSubstr("d=\"M1 1L3 1L3 2L1 2Z\"")));
  EXPECT_THAT(page, AllOf(HasSubstr("41.50 ms"), HasSubstr("60.00 ms"), HasSubstr("show-second"),
                          HasSubstr("0.50</span> Dice of both masks"),
                          HasSubstr("drawn, had the report named image left middle, too; "
                                    "had the report not named image right middle.")));
  cli::PageInput retrieved = FullInput();
  retrieved.answer.mutable_second_opinion()->clear_changed_zones();
  retrieved.answer.mutable_second_opinion()->mutable_guidance()->add_prototypes()->set_label(7);
  EXPECT_THAT(cli::ExplainPage(retrieved), HasSubstr("pool 7, number 0"));
  v1::SegmentResponse bare;
  const std::string empty = cli::ExplainPage({"a.png", bare, {"data:,", 4, 3}, {"data:,", 4, 3}});
  EXPECT_EQ(Unbalanced(empty), "");
  EXPECT_THAT(empty, AllOf(HasSubstr("does not apply to an empty mask"),
                           Not(HasSubstr("Second opinion")), Not(HasSubstr("show-zones"))));
}

TEST(ExplainPage, NamesThePatientsSideOnlyWhenItIsKnown) {
  cli::PageInput input = FullInput();
  EXPECT_THAT(cli::ExplainPage(input),
              AllOf(HasSubstr("← image left</span>"), Not(HasSubstr("patient's right)"))));
  input.viewer_left = v1::VIEWER_LEFT_IS_PATIENT_RIGHT;
  EXPECT_THAT(cli::ExplainPage(input), AllOf(HasSubstr("← image left (patient's right)"),
                                             HasSubstr("image right (patient's left) →")));
  input.answer.mutable_dicom()->set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_LEFT);
  EXPECT_THAT(cli::ExplainPage(input), HasSubstr("← image left (patient's left)"));
}

class ExplainVerbTest : public test::CommandTest {
 protected:
  void SetUp() override {
    const cv::Mat picture(2, 3, CV_16UC1, cv::Scalar(700));
    ASSERT_TRUE(WriteFile(At("a.png"), EncodePng(picture, PngEffort::kPhoto).value()).ok());
  }
  int Explain(std::vector<std::string> words) {
    words.insert(words.begin(), {"explain", "--server", server_.target()});
    return Run(words);
  }

  test::FakeServer server_;
};

TEST_F(ExplainVerbTest, WritesThePage) {
  EXPECT_EQ(Explain({At("a.png"), "-o", At("page.html"), "--viewer-left", "patient-right"}), 0)
      << err_.str();
  const std::string page = ReadFile(At("page.html")).value();
  EXPECT_EQ(Unbalanced(page), "");
  EXPECT_THAT(page, AllOf(HasSubstr("<h1>a.png</h1>"), HasSubstr("viewBox=\"0 0 3 2\""),
                          HasSubstr("(patient's right)"), Not(HasSubstr(folder_.path()))));
  EXPECT_TRUE(server_.requests().at(0).want_second_opinion());
}

TEST_F(ExplainVerbTest, DoesWithoutASecondOpinion) {
  server_.Script({{grpc::Status(grpc::FAILED_PRECONDITION, "no second opinion")}});
  EXPECT_EQ(Explain({At("a.png"), "-o", At("page.html")}), 0) << err_.str();
  EXPECT_FALSE(server_.requests().at(1).want_second_opinion());
  EXPECT_EQ(ReadFile(At("page.html"))->find("Second opinion"), std::string::npos);
}

TEST_F(ExplainVerbTest, SaysWhyThereIsNoPage) {
  server_.Script({{grpc::Status(grpc::INVALID_ARGUMENT, "no image")}});
  EXPECT_EQ(Explain({At("a.png"), "-o", At("page.html")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("no image"));
  EXPECT_FALSE(fs::exists(At("page.html")));
  EXPECT_EQ(Explain({At("a.png")}), 2);
  server_.Stop();
  EXPECT_EQ(Explain({At("a.png"), "-o", At("page.html"), "--deadline-ms", "300"}), 3);
}

}  // namespace
}  // namespace lingula
