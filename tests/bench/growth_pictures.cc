// What grows with the picture and with the number of cameras.
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/doublings.h"
#include "model/base/status_macros.h"
#include "model/image/png_file.h"
#include "tests/bench/growth.h"
#include "tests/bench/inputs.h"
#include "tests/bench/server_child.h"
#include "tests/bench/stats.h"
#include "tests/bench/streams.h"
#include "tests/bench/wire.h"
#include "tests/model/image/synthetic.h"

namespace lingula::bench {
namespace {

constexpr int kSides_px[] = {224, 512, 1024, 2048, 4096};
constexpr int kFewestAnswers = 5;
constexpr int kMostCameras = 16;

// The same grey picture in three forms.
absl::StatusOr<std::vector<v1::SegmentRequest>> FormsOf(int side_px) {
  std::vector<v1::SegmentRequest> forms(3, RawOfSide(side_px).request);
  const cv::Mat picture = test::FakeXray(side_px, side_px);
  LINGULA_ASSIGN_OR_RETURN(*forms[1].mutable_image()->mutable_encoded(),
                           EncodePng(picture, PngEffort::kPhoto));
  forms[2].mutable_image()->set_encoded(test::MakeJpeg(picture));
  return forms;
}

// Median and 99th percentile; nothing of nothing.
void AddPercentiles(const std::vector<double>& ms, Table::Row& row) {
  for (const double p : {0.5, 0.99}) {
    row.cells.push_back(ms.empty() ? std::nullopt : std::optional<double>(Percentile(ms, p)));
  }
}

}  // namespace

absl::StatusOr<OneByOne> AskOneByOne(v1::Segmentation::Stub& stub,
                                     const v1::SegmentRequest& request, Plan::Millis duration) {
  std::vector<double> answer_ms, beside_ms;
  const Instant end = Clock::Real().Now() + duration;
  while (answer_ms.size() < kFewestAnswers || Clock::Real().Now() < end) {
    grpc::ClientContext context;
    v1::SegmentResponse answer;
    grpc::Status status;
    answer_ms.push_back(MicrosOf([&] { status = stub.Segment(&context, request, &answer); }) /
                        1000);
    if (!status.ok()) {
      return StatusOf(status, "one by one");
    }
    beside_ms.push_back(answer_ms.back() - answer.timing().infer_us() / 1000.0);
  }
  return OneByOne{Median(answer_ms), Median(beside_ms)};
}

absl::Status MeasureSizes(const Bundle& bundle, const Plan& plan, Steps& steps, Figures& figures) {
  LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(bundle.folder, ""));
  Table table;
  table.key = "growth_side";
  table.title =
      "Time of an answer, one at a time, by the side of a grey picture; beside: less the forward "
      "pass; medians, ms";
  table.row_head = "side, px";
  table.columns = {{"raw_ms", "pixels"}, {"raw_beside_ms", "beside"},
                   {"png_ms", "PNG"},    {"png_beside_ms", "beside"},
                   {"jpeg_ms", "JPEG"},  {"jpeg_beside_ms", "beside"}};
  for (const int side_px : kSides_px) {
    Table::Row row{absl::StrCat(side_px), absl::StrCat(side_px), {}};
    LINGULA_ASSIGN_OR_RETURN(const auto forms, FormsOf(side_px));
    for (const v1::SegmentRequest& form : forms) {
      steps.Begin(absl::StrCat("pictures of ", side_px, " x ", side_px), plan.growth);
      LINGULA_ASSIGN_OR_RETURN(const OneByOne one, AskOneByOne(server->stub(), form, plan.growth));
      row.cells.insert(row.cells.end(), {one.answer_ms, one.beside_network_ms});
    }
    table.rows.push_back(std::move(row));
  }
  figures.AddTable(std::move(table));
  return server->Stop();
}

absl::Status MeasureCameras(const Bundle& bundle, uint64_t seed, const Plan& plan, Steps& steps,
                            Figures& figures) {
  LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(bundle.folder, ""));
  Table table;
  table.key = "growth_streams";
  table.title =
      "Streams at 30 frames a second, JPEG 640 x 480; times from when a frame was due to its mask";
  table.row_head = "streams";
  table.columns = {{"every_frame_ms_p50", "every frame: p50, ms"},
                   {"every_frame_ms_p99", "p99, ms"},
                   {"freshest_ms_p50", "freshest: p50, ms"},
                   {"freshest_ms_p99", "p99, ms"},
                   {"freshest_answered_percent", "masks, %"}};
  const std::vector<v1::Image> frames = EndoscopyFrames();
  std::mt19937_64 random(seed);
  for (const int streams : Doublings(kMostCameras)) {
    steps.Begin(absl::StrCat(streams, " streams"), 2 * plan.growth);
    const auto& grpc = server->target().grpc;
    LINGULA_ASSIGN_OR_RETURN(
        const StreamOutcome every,
        TryStreams(grpc, frames, v1::STREAM_POLICY_EVERY_FRAME, streams, plan.growth, random));
    LINGULA_ASSIGN_OR_RETURN(
        const StreamOutcome freshest,
        TryStreams(grpc, frames, v1::STREAM_POLICY_FRESHEST, streams, plan.growth, random));
    Table::Row row{absl::StrCat(streams), absl::StrCat(streams), {}};
    AddPercentiles(every.mask_ms, row);
    AddPercentiles(freshest.mask_ms, row);
    row.cells.emplace_back(100.0 * freshest.masks / freshest.frames);
    table.rows.push_back(std::move(row));
  }
  figures.AddTable(std::move(table));
  return server->Stop();
}

}  // namespace lingula::bench
