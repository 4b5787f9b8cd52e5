#include "tests/bench/mixed.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "tests/bench/background.h"
#include "tests/bench/counts.h"
#include "tests/bench/load.h"
#include "tests/bench/scrape.h"

namespace lingula::bench {
namespace {

constexpr int kCallers = 16;
constexpr int kConnections = 8;
constexpr double kTimesPeak = 4;
constexpr double kBadShare = 0.1, kJpegShare = 0.2;
constexpr double kCancelledShare = 0.1;
constexpr int kTicks = 20;

Traffic TrafficOf(const std::vector<Input>& inputs) {
  Traffic traffic;
  const auto bad = static_cast<double>(inputs.size() - 2);
  traffic.inputs.clear();
  for (const Input& input : inputs) {
    const double weight = input.expected != grpc::StatusCode::OK ? kBadShare / bad
                          : input.key.empty()                    ? 1 - kBadShare - kJpegShare
                                                                 : kJpegShare;
    traffic.inputs.push_back({weight, input.expected});
  }
  traffic.deadlines = {Millis(20),   Millis(100),  Millis(250), Millis(500),
                       Millis(1000), Millis(2000), std::nullopt};
  traffic.cancelled = kCancelledShare;
  traffic.longest_patience = Millis(1000);
  return traffic;
}

// The one mask that was asked for.
std::string RunLengths(const v1::SegmentResponse& answer) {
  return answer.masks_size() == 1 ? answer.masks(0).coco_rle().counts() : "";
}

std::string LateMeaning(const Outcome& outcome) {
  const std::string meaning = "OK after the deadline";
  return outcome.latest_ms > 0
             ? absl::StrFormat("%s, at most %.1f ms after it", meaning, outcome.latest_ms)
             : meaning;
}

void Report(const OpenLoad& load, const Mix& mix, const Ledger& ledger, Figures& figures) {
  const Outcome outcome = Summarise(load.requests, mix.inputs(), ledger, {Nanos(0), Nanos::max()});
  figures.Add("mixed_requests", static_cast<double>(ledger.size()),
              "good and bad, with deadlines of 20 ms to 2 s or none, 10 % of them given up");
  const std::pair<Fate, const char*> plain[] = {
      {Fate::kInTime, "the right mask within the deadline"},
      {Fate::kBadInput, "refused with the code that the input deserves"},
      {Fate::kRefused, "RESOURCE_EXHAUSTED"},
      {Fate::kExpired, "DEADLINE_EXCEEDED"},
      {Fate::kCancelled, "CANCELLED, by their caller"}};
  for (const auto& [fate, meaning] : plain) {
    figures.Add(absl::StrCat("mixed_", NameOf(fate)), outcome.fates[fate], meaning);
  }
  figures.Add("mixed_late", outcome.fates[Fate::kLate], LateMeaning(outcome), AtMost(0));
  figures.Add("mixed_broken", outcome.fates[Fate::kBroken],
              "no answer or two, another's answer, another mask, a code nobody deserved",
              AtMost(0));
}

}  // namespace

absl::StatusOr<Mix> Mix::Learn(int side_px, Connections& connections) {
  std::vector<Input> inputs = {RawOfSide(side_px), Jpeg1024()};
  for (Input& bad : BadInputs()) {
    inputs.push_back(std::move(bad));
  }
  Mix mix;
  mix.traffic_ = TrafficOf(inputs);
  for (const Input& input : inputs) {
    OpenLoad alone;
    alone.inputs = {Payload(input.request)};
    alone.requests.resize(1);
    std::string& mask = mix.masks_.emplace_back();
    alone.is_right = [&mask](size_t, const grpc::ByteBuffer& bytes) {
      v1::SegmentResponse answer;
      const bool parsed = ParseAnswer(bytes, answer);
      mask = RunLengths(answer);
      return parsed && !mask.empty();
    };
    Ledger ledger(1);
    Run(alone, connections, ledger);
    if (ledger[0].code == grpc::StatusCode::UNAVAILABLE) {
      return absl::UnavailableError(
          "nobody serves there (is the server running and not draining?)");
    }
    if (ledger[0].code != input.expected || ledger[0].wrong) {
      return absl::InternalError(absl::StrCat("alone, ", input.name, " was answered with code ",
                                              ledger[0].code, " instead of ", input.expected));
    }
    mix.payloads_.push_back(alone.inputs[0]);
  }
  return mix;
}

OpenLoad Mix::Load(Pattern pattern, double per_second, Nanos duration,
                   std::mt19937_64& random) const {
  Traffic traffic = traffic_;
  traffic.pattern = pattern;
  OpenLoad load;
  load.inputs = payloads_;
  load.requests = PlanTraffic(traffic, per_second, duration, random);
  load.number_requests = true;
  std::vector<int> inputs;
  for (const Planned& request : load.requests) {
    inputs.push_back(request.input);
  }
  load.is_right = [this, inputs](size_t request, const grpc::ByteBuffer& answer) {
    return IsRight(inputs[request], absl::StrCat(request), answer);
  };
  return load;
}

bool Mix::IsRight(int input, const std::string& id, const grpc::ByteBuffer& answer) const {
  v1::SegmentResponse response;
  return ParseAnswer(answer, response) && response.request_id() == id &&
         RunLengths(response) == masks_[static_cast<size_t>(input)];
}

absl::Status MeasureMixed(const Target& target, int side_px, uint64_t seed, const Plan& plan,
                          Steps& steps, Figures& figures) {
  Connections connections(target.grpc, kConnections);
  LINGULA_ASSIGN_OR_RETURN(const Mix mix, Mix::Learn(side_px, connections));
  steps.Begin("peak, before the mixed requests", plan.peak);
  LINGULA_ASSIGN_OR_RETURN(
      const LoadResult peak,
      RunLoad(connections, Payload(RawOfSide(side_px).request), kCallers, plan.peak));
  std::mt19937_64 random(seed);
  const double rate = kTimesPeak * peak.images_per_second;
  const auto enough = std::chrono::duration<double>(1.5 * plan.mixed_requests / rate + 1);
  OpenLoad load =
      mix.Load(Pattern::kBursts, rate, std::chrono::duration_cast<Nanos>(enough), random);
  load.requests.resize(static_cast<size_t>(plan.mixed_requests));
  Ledger ledger(load.requests.size());
  LINGULA_ASSIGN_OR_RETURN(const auto before, CountsOf(target));
  int ticks = 0;
  RunInBackground(load, connections, ledger, load.requests.back().at / kTicks, [&] {
    const bool planned = ticks++ < kTicks;
    steps.Begin(
        absl::StrFormat("mixed requests: %d of %d answered", ledger.answered(), ledger.size()),
        planned ? plan.mixed / kTicks : Plan::Millis(0));
  });
  Report(load, mix, ledger, figures);
  return CompareCounts(target, before, ledger, figures);
}

}  // namespace lingula::bench
