#include "tests/bench/own_cost.h"

#include <deque>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"
#include "tests/bench/bare.h"
#include "tests/bench/echo.h"
#include "tests/bench/inputs.h"
#include "tests/bench/stats.h"
#include "tests/bench/wire.h"

namespace lingula::bench {
namespace {

constexpr double kAim_us = 150;
constexpr double kAimP99_us = 300;

absl::Status Ask(v1::Segmentation::Stub& stub, const v1::SegmentRequest& request,
                 v1::SegmentResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  return StatusOf(stub.Segment(&context, request, &response));
}

// One input and what was measured with it, microseconds.
class Trial {
 public:
  Trial(Input input, ServerChild& server, Engine& engine, const InputSpec& spec)
      : input_(std::move(input)), server_(server), engine_(engine), spec_(spec) {}

  // The first calls, not counted, and echoes that answer what the server answers.
  absl::Status Prepare() {
    for (int i = 0; i < 3; ++i) {
      LINGULA_RETURN_IF_ERROR(Bare());
      LINGULA_RETURN_IF_ERROR(Ask(server_.stub(), input_.request, answer_));
    }
    LINGULA_ASSIGN_OR_RETURN(echo_, EchoServer::Start(answer_));
    LINGULA_RETURN_IF_ERROR(Ask(echo_->stub(), input_.request, answer_));
    LINGULA_ASSIGN_OR_RETURN(plain_,
                             EchoServer::Start(answer_, [this] { bare_status_.Update(Bare()); }));
    return Ask(plain_->stub(), input_.request, answer_);
  }

  absl::Status Round(bool plain_first) {
    absl::Status status;
    double answer = 0, plain = 0;
    const auto ask = [&](auto& server) {
      return Timed(status, [&] { return Ask(server.stub(), input_.request, answer_); });
    };
    if (plain_first) {
      plain = ask(*plain_);
    }
    answer = ask(server_);
    const v1::TimingReceipt timing = answer_.timing();
    const double render = timing.postprocess_us() + timing.encode_us();
    const double model = timing.decode_us() + timing.preprocess_us() + timing.infer_us();
    if (!plain_first) {
      plain = ask(*plain_);
    }
    bare_us_.push_back(Timed(status, [this] { return Bare(); }));
    echo_us_.push_back(ask(*echo_));
    own_us_.push_back(answer - plain);
    apart_us_.push_back(answer - bare_us_.back() - echo_us_.back());
    render_us_.push_back(render);
    inside_us_.push_back(timing.total_us() - model - render);
    outside_us_.push_back(answer - timing.total_us());
    status.Update(bare_status_);
    return status;
  }

  void Report(Figures& figures) const {
    const std::string& key = input_.key;
    figures.Add(absl::StrCat("own_cost_", key, "us_p50"), Median(own_us_),
                absl::StrCat(input_.name,
                             ": answer time less that of a bare gRPC server that runs the forward "
                             "pass and echoes as many bytes"),
                AimOf(kAim_us));
    figures.Add(absl::StrCat("own_cost_", key, "us_p99"), Percentile(own_us_, 0.99),
                absl::StrCat("the same, 99th percentile of ", own_us_.size(), " pairs"),
                AimOf(kAimP99_us));
    figures.Add(absl::StrCat("own_cost_apart_", key, "us_p50"), Median(apart_us_),
                "answer time less a bare echo and a bare forward pass, each measured alone");
    figures.Add(absl::StrCat("render_", key, "us_p50"), Median(render_us_),
                "of an answer: mask at the size of the picture, figures and RLE (receipt)");
    figures.Add(absl::StrCat("inside_", key, "us_p50"), Median(inside_us_),
                "of an answer: from thread to thread and waiting for a batch (receipt)");
    figures.Add(absl::StrCat("outside_", key, "us_p50"), Median(outside_us_),
                "of an answer: before the request is a message and after the answer is (receipt)");
    figures.Add(absl::StrCat("grpc_echo_", key, "us_p50"), Median(echo_us_),
                absl::StrCat("bare gRPC echo: ", input_.request.ByteSizeLong(), " bytes there, ",
                             answer_.ByteSizeLong(), " back"));
    figures.Add(absl::StrCat("bare_", key, "us_p50"), Median(bare_us_),
                "decode, preprocess, forward pass of one, without server");
  }

 private:
  // The aims are those of the main input; what decoding and rendering cost is another matter.
  std::optional<Aim> AimOf(double bound_us) const {
    return input_.key.empty() ? std::optional<Aim>(AtMost(bound_us)) : std::nullopt;
  }

  absl::Status Bare() {
    if (!input_.request.image().has_tensor() || prepared_.pixels.empty()) {
      LINGULA_ASSIGN_OR_RETURN(prepared_, bench::Prepare(input_, spec_));
    }
    const Sample* const batch[] = {&prepared_};
    return engine_.Predict(batch)[0].status();
  }

  // Microseconds of `step` right after itself, as one caller who never rests would see it. Keeps
  // the first error.
  static double Timed(absl::Status& status, const std::function<absl::Status()>& step) {
    status.Update(step());
    return MicrosOf([&] { status.Update(step()); });
  }

  const Input input_;
  ServerChild& server_;
  Engine& engine_;
  const InputSpec spec_;
  Sample prepared_;  // a tensor's once and for all: there is nothing to prepare
  std::unique_ptr<EchoServer> echo_, plain_;  // plain_ runs the forward pass before it answers
  absl::Status bare_status_;                  // of those passes
  v1::SegmentResponse answer_;
  std::vector<double> own_us_, apart_us_, bare_us_, echo_us_, render_us_, inside_us_, outside_us_;
};

}  // namespace

absl::Status MeasureOwnCost(ServerChild& server, Engine& engine, const InputSpec& spec,
                            const Plan& plan, Steps& steps, Figures& figures) {
  UseThreads(server.share().threads);  // as the server's passes
  std::deque<Trial> trials;            // a trial stays where it is: its servers know it
  Input raw = RawOfSide(spec.side_px);
  LINGULA_ASSIGN_OR_RETURN(const Sample sample, Prepare(raw, spec));
  raw.key = "raw_";
  for (Input input : {TensorOf(sample, spec), std::move(raw), Jpeg1024(), Raw1024()}) {
    trials.emplace_back(std::move(input), server, engine, spec);
    LINGULA_RETURN_IF_ERROR(trials.back().Prepare());
  }
  steps.Begin("answers one by one, with and without server", plan.own_cost);
  const Instant end = Clock::Real().Now() + plan.own_cost;
  for (int round = 0; round == 0 || Clock::Real().Now() < end; ++round) {
    for (Trial& trial : trials) {
      LINGULA_RETURN_IF_ERROR(trial.Round(round % 2 == 0));
    }
  }
  for (const Trial& trial : trials) {
    trial.Report(figures);
  }
  UseThreads(AllCores().threads);
  return absl::OkStatus();
}

}  // namespace lingula::bench
