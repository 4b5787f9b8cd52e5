#include "tests/bench/allocations.h"

#include <functional>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"
#include "tests/bench/allocation_counts.h"
#include "tests/bench/child.h"
#include "tests/bench/inputs.h"
#include "tests/bench/server_child.h"
#include "tests/bench/streams.h"
#include "tests/bench/wire.h"

namespace lingula::bench {
namespace {

constexpr int kWarmUp = 20;  // requests, until caches and pools are as they stay
constexpr std::chrono::seconds kEngineLimit{120};

// Of one of `count` requests, of those that `ask` makes.
absl::StatusOr<Allocations> OfOne(const AllocationCounts& counts, int count,
                                  const std::function<absl::Status(int)>& ask) {
  LINGULA_RETURN_IF_ERROR(ask(kWarmUp));
  const Allocations before = counts.Now();
  LINGULA_RETURN_IF_ERROR(ask(count));
  const Allocations after = counts.Now();
  return Allocations{(after.calls - before.calls) / count, (after.bytes - before.bytes) / count};
}

absl::Status AskOneByOne(ServerChild& server, const v1::SegmentRequest& request, int count) {
  for (int i = 0; i < count; ++i) {
    grpc::ClientContext context;
    v1::SegmentResponse answer;
    LINGULA_RETURN_IF_ERROR(StatusOf(server.stub().Segment(&context, request, &answer)));
  }
  return absl::OkStatus();
}

// One open stream; each frame is sent when the one before has been answered.
class OneStream {
 public:
  explicit OneStream(ServerChild& server) : stream_(server.stub().SegmentStream(&context_)) {
    message_.mutable_settings()->add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
    stream_->Write(message_);
    *message_.mutable_frame()->mutable_image() = EndoscopyFrames()[0];
  }

  absl::Status Ask(int count) {
    for (int i = 0; i < count; ++i) {
      message_.mutable_frame()->set_number(++number_);
      v1::SegmentStreamResponse answer;
      if (!stream_->Write(message_) || !stream_->Read(&answer)) {
        return StatusOf(stream_->Finish());
      }
      if (!answer.has_result()) {
        return absl::InternalError(absl::StrCat("a frame was dropped: ", answer.drop().message()));
      }
    }
    return absl::OkStatus();
  }
  absl::Status Close() {
    stream_->WritesDone();
    v1::SegmentStreamResponse answer;
    while (stream_->Read(&answer)) {
    }
    return StatusOf(stream_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SegmentStreamRequest, v1::SegmentStreamResponse>>
      stream_;
  v1::SegmentStreamRequest message_;
  uint64_t number_ = 0;
};

absl::StatusOr<Allocations> OfForwardPass(const std::string& bundle, int count) {
  LINGULA_ASSIGN_OR_RETURN(const auto counts, AllocationCounts::Create());
  std::vector<std::string> words = counts->Launcher(OwnFolder());
  words.insert(words.end(), {absl::StrCat(OwnFolder(), "/lingula-bench"), kEngineFlag, bundle});
  LINGULA_ASSIGN_OR_RETURN(const auto engine, Child::Start(words));
  return OfOne(*counts, count, [&](int passes) {
    LINGULA_RETURN_IF_ERROR(engine->WriteLine(absl::StrCat(passes)));
    return engine->ReadLine(kEngineLimit).status();
  });
}

Table TableOf(const Allocations& forward) {
  Table table;
  table.key = "allocations";
  table.title = "Heap allocations of the server for one request, one at a time";
  table.row_head = "request";
  table.columns = {{"count", "allocations"},
                   {"kib", "KiB"},
                   {"count_beside_network", "beside the forward pass"},
                   {"kib_beside_network", "KiB beside it"}};
  table.rows.push_back({"forward_pass",
                        "bare forward pass, no server",
                        {forward.calls, forward.bytes / 1024, std::nullopt, std::nullopt}});
  return table;
}

absl::Status ObeyCounts(const std::string& folder) {
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
  ConfigureCompute(0);
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, EngineOptions()));
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  LINGULA_ASSIGN_OR_RETURN(const Sample sample, Prepare(RawOfSide(spec.side_px), spec));
  const Sample* const batch[] = {&sample};
  for (int passes = 0; std::cin >> passes;) {
    for (int i = 0; i < passes; ++i) {
      LINGULA_RETURN_IF_ERROR(engine->Predict(batch)[0].status());
    }
    std::cout << "done" << std::endl;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureAllocations(const Bundle& bundle, const Plan& plan, Steps& steps,
                                Figures& figures) {
  steps.Begin("counting allocations", plan.allocations);
  const int count = plan.allocation_requests;
  LINGULA_ASSIGN_OR_RETURN(const Allocations forward, OfForwardPass(bundle.folder, count));
  LINGULA_ASSIGN_OR_RETURN(const auto counts, AllocationCounts::Create());
  ServerSetup setup;
  setup.bundles = {bundle.folder};
  setup.launcher = counts->Launcher(OwnFolder());
  LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(setup));
  if (counts->Now().calls == 0) {
    return absl::UnimplementedError("this build has no library that counts allocations");
  }
  Table table = TableOf(forward);
  const auto add = [&](const std::string& key, const std::string& name, const Allocations& one) {
    table.rows.push_back({key,
                          name,
                          {one.calls, one.bytes / 1024, one.calls - forward.calls,
                           (one.bytes - forward.bytes) / 1024}});
  };
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  const Input raw = RawOfSide(spec.side_px);
  LINGULA_ASSIGN_OR_RETURN(const Sample sample, Prepare(raw, spec));
  const std::pair<const char*, Input> kinds[] = {
      {"tensor", TensorOf(sample, spec)}, {"raw", raw}, {"jpeg1024", Jpeg1024()}};
  for (const auto& [key, input] : kinds) {
    const v1::SegmentRequest& request = input.request;
    LINGULA_ASSIGN_OR_RETURN(const Allocations one, OfOne(*counts, count, [&](int n) {
                               return AskOneByOne(*server, request, n);
                             }));
    add(key, input.name, one);
  }
  OneStream stream(*server);
  LINGULA_ASSIGN_OR_RETURN(const Allocations frame,
                           OfOne(*counts, count, [&](int n) { return stream.Ask(n); }));
  add("stream_frame", "frame of a stream, JPEG 640 x 480", frame);
  LINGULA_RETURN_IF_ERROR(stream.Close());
  figures.AddTable(std::move(table));
  return server->Stop();
}

int RunEngine(const std::string& bundle) {
  const absl::Status status = ObeyCounts(bundle);
  if (!status.ok()) {
    std::cerr << "engine: " << status.message() << "\n";
  }
  return status.ok() ? 0 : 1;
}

}  // namespace lingula::bench
