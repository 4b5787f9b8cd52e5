#include "server/metrics/metrics.h"

#include <fstream>
#include <map>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/metrics/exposer.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using testing::HasSubstr;
using testing::Not;

ModelLabels Labels() {
  return {"m@1", "m", "1", "sgseg", "abc123"};
}

// Name to type of every metric in an exposition.
std::map<std::string, std::string> Types(const std::string& text) {
  std::map<std::string, std::string> types;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "# TYPE ")) {
      types.insert(std::pair<std::string, std::string>(absl::StrSplit(line, ' ')));
    }
  }
  return types;
}

// Name to type of every row "| `name` | type | ..." of the page.
std::map<std::string, std::string> DocumentedTypes() {
  std::map<std::string, std::string> types;
  std::ifstream page("docs/metrics.md");
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    absl::string_view name = cells[0];
    if (absl::ConsumePrefix(&name, "| `") && absl::ConsumeSuffix(&name, "`")) {
      types[std::string(name)] = cells.at(1);
    }
  }
  return types;
}

TEST(Metrics, ThePageListsWhatIsExposed) {
  Metrics metrics;
  metrics.AddModel(Labels());
  metrics.CountRequest("Segment", "m@1", "OK");
  metrics.CountLoad("m@1", "OK", 1);
  metrics.CountGoldenRun("m@1", true);
  metrics.CountUnload("m@1");
  metrics.CountShadow("m@1", "compared");
  metrics.ObserveShadowDice("m@1", 0.9);
  metrics.SetModelState("m@1", "serving");
  metrics.BusySeconds("m@1", 0).Increment(0.5);
  metrics.security().SetNotAfter("grpc", 1.9e9);
  metrics.security().CountReload("callers", true);
  EXPECT_EQ(DocumentedTypes(), Types(metrics.Text()));
}

TEST(Metrics, DevicesAreAskedAtEachScrape) {
  DeviceBoard board;
  const Metrics metrics(&board);
  uint64_t free = 60;
  board.Add("cuda:1", [&free] { return DeviceMemory{100, free, 30}; });
  board.CountOutOfMemory("cuda:1");
  free = 50;
  const std::string text = metrics.Text();
  for (const char* line : {R"(lingula_device_memory_bytes{device="cuda:1",kind="total"} 100)",
                           R"(lingula_device_memory_bytes{device="cuda:1",kind="free"} 50)",
                           R"(lingula_device_memory_bytes{device="cuda:1",kind="reserved"} 30)",
                           R"(lingula_device_out_of_memory_total{device="cuda:1"} 1)",
                           R"(lingula_device_up{device="cuda:1"} 1)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  board.ReportLost("cuda:1", "gone");
  EXPECT_THAT(metrics.Text(), HasSubstr(R"(lingula_device_up{device="cuda:1"} 0)"));
}

TEST(Metrics, CountsByMethodModelAndCode) {
  Metrics metrics;
  metrics.CountRequest("Segment", "m@1", "OK");
  metrics.CountRequest("Segment", "m@1", "OK");
  metrics.CountRequest("Segment", "", "NOT_FOUND");
  const std::string text = metrics.Text();
  EXPECT_THAT(text,
              HasSubstr(R"(lingula_requests_total{code="OK",method="Segment",model="m@1"} 2)"));
  EXPECT_THAT(text,
              HasSubstr(R"(lingula_requests_total{code="NOT_FOUND",method="Segment",model=""} 1)"));
}

TEST(Metrics, RefusalsAreThereFromTheStartByReason) {
  Metrics metrics;
  metrics.security().CountRefusal(2);
  metrics.security().CountReload("certificate", false);
  const std::string text = metrics.Text();
  for (const char* line :
       {R"(lingula_refused_calls_total{reason="unauthenticated"} 0)",
        R"(lingula_refused_calls_total{reason="rate"} 1)",
        R"(lingula_credential_reloads_total{file="certificate",outcome="taken"} 0)",
        R"(lingula_credential_reloads_total{file="certificate",outcome="refused"} 1)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, AModelStartsAtZeroInEverySeries) {
  Metrics metrics;
  metrics.AddModel(Labels());
  const std::string text = metrics.Text();
  for (const char* line : {R"(lingula_batch_cuts_total{model="m@1",reason="size"} 0)",
                           R"(lingula_rejected_total{model="m@1",reason="queue_full"} 0)",
                           R"(lingula_stage_duration_seconds_count{model="m@1",stage="encode"} 0)",
                           R"(lingula_queue_depth{model="m@1"} 0)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(lingula_model_info{family="sgseg",model="m@1",name="m",version="1",weights="abc123"} 1)"));
}

TEST(Metrics, AFailedGoldenRunIsARiseFromZero) {
  Metrics metrics;
  metrics.CountGoldenRun("m@1", true);
  EXPECT_THAT(metrics.Text(),
              HasSubstr(R"(lingula_golden_runs_total{model="m@1",outcome="failed"} 0)"));
  metrics.CountGoldenRun("m@1", false);
  for (const char* outcome : {"passed", "failed"}) {
    EXPECT_THAT(metrics.Text(),
                HasSubstr(absl::StrCat(R"(lingula_golden_runs_total{model="m@1",outcome=")",
                                       outcome, R"("} 1)")));
  }
}

TEST(Metrics, AModelThatIsGoneIsNotListed) {
  Metrics metrics;
  const ModelMetrics& first = metrics.AddModel(Labels());
  EXPECT_EQ(&metrics.AddModel(Labels()), &first) << "loaded anew";
  metrics.RemoveModel(Labels());
  EXPECT_THAT(metrics.Text(), HasSubstr("lingula_model_info{"));
  metrics.RemoveModel(Labels());
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("lingula_model_info{")));
  EXPECT_THAT(metrics.Text(), HasSubstr(R"(lingula_queue_depth{model="m@1"})"));
}

TEST(Metrics, AModelIsInOneState) {
  Metrics metrics;
  metrics.SetModelState("m@1", "loading");
  metrics.SetModelState("m@1", "serving");
  EXPECT_THAT(metrics.Text(), HasSubstr(R"(lingula_model_state{model="m@1",state="loading"} 0)"));
  EXPECT_THAT(metrics.Text(), HasSubstr(R"(lingula_model_state{model="m@1",state="serving"} 1)"));
  metrics.SetModelState("m@1", "");
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("lingula_model_state{")));
}

TEST(Metrics, FiguresOfThisProcessAreKnown) {
  const std::string text = Metrics().Text();
  for (const char* name : {"resident_memory_bytes", "cpu_seconds_total", "start_time_seconds",
                           "open_files", "most_files"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\nlingula_process_", name, " ")));
    EXPECT_THAT(text, Not(HasSubstr(absl::StrCat("lingula_process_", name, " 0\n"))));
  }
}

TEST(Metrics, FilesAreCountedAnew) {
  const Metrics metrics;
  const auto line = [](int files) {
    return absl::StrCat("lingula_process_open_files ", files, "\n");
  };
  const auto count = [&metrics] {
    const std::string text = metrics.Text();
    const std::string name = "\nlingula_process_open_files ";
    return std::stoi(text.substr(text.find(name) + name.size()));
  };
  const int before = count();
  const std::ifstream one("docs/metrics.md"), two("docs/metrics.md");
  EXPECT_THAT(metrics.Text(), HasSubstr(line(before + 2)));
}

TEST(Exposer, TakesAFreePortAndRefusesATakenOne) {
  const Metrics metrics;
  const auto first = Exposer::Start("127.0.0.1", 0, metrics);
  ASSERT_THAT(first, test::IsOk());
  EXPECT_GT((*first)->port(), 0);
  EXPECT_THAT(
      Exposer::Start("127.0.0.1", (*first)->port(), metrics),
      test::StatusIs(absl::StatusCode::kUnavailable, HasSubstr("metrics: cannot listen on")));
}

}  // namespace
}  // namespace lingula
