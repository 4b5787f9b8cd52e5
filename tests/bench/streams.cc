#include "tests/bench/streams.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "tests/bench/frames.h"
#include "tests/bench/stats.h"
#include "tests/bench/stream_load.h"
#include "tests/bench/usage.h"

namespace lingula::bench {
namespace {

constexpr int kWidth_px = 640, kHeight_px = 480;
constexpr int kDistinctFrames = 30;
constexpr int kMostStreams = 64;  // as many as a server has open by default
constexpr int kGuessedLoads = 4;  // of a search
constexpr Plan::Millis kWarmUp{1000};

struct PolicyName {
  v1::StreamPolicy policy;
  const char* key;
  const char* name;
};
constexpr PolicyName kEvery{v1::STREAM_POLICY_EVERY_FRAME, "every_frame", "every frame"};
constexpr PolicyName kFreshest{v1::STREAM_POLICY_FRESHEST, "freshest", "freshest"};

class StreamsPart {
 public:
  StreamsPart(const Target& target, uint64_t seed, const Plan& plan, Steps& steps)
      : target_(target), random_(seed), plan_(plan), steps_(steps) {
    table_.key = "streams";
    table_.title = "Streams at 30 frames a second; times from when a frame was due to its mask";
    table_.row_head = "streams";
    table_.columns = {{"ms_p50", "p50, ms"},
                      {"ms_p99", "p99, ms"},
                      {"ms_p99_worst", "worst round"},
                      {"answered_percent", "masks, %"},
                      {"dropped_percent", "dropped, %"}};
  }

  // Connections, caches and threads are as they stay.
  absl::Status WarmUp(const std::vector<v1::Image>& frames) {
    return TryStreams(target_.grpc, frames, kEvery.policy, 1, kWarmUp, random_).status();
  }

  // Tries more and more streams of `frames`, every one of which is wanted.
  absl::StatusOr<StreamSearch> Search(const std::vector<v1::Image>& frames, const std::string& key,
                                      const std::string& name) {
    StreamSearch search(kMostStreams);
    while (const std::optional<int> streams = search.Next()) {
      LINGULA_ASSIGN_OR_RETURN(const bool good, Try(frames, kEvery, *streams, key, name));
      search.Add(*streams, good);
    }
    return search;
  }

  // The same streams where the freshest frame is enough: `few`, and twice as many.
  absl::Status TryFreshest(const std::vector<v1::Image>& frames, int few, const std::string& name) {
    LINGULA_RETURN_IF_ERROR(Try(frames, kFreshest, few, "", name).status());
    return Try(frames, kFreshest, std::min(2 * few, kMostStreams), "", name).status();
  }

  void Report(Figures& figures) {
    figures.Add("streams_order_violations", all_.order_violations,
                absl::StrCat("answers out of order or twice, of ", all_.frames, " frames"),
                AtMost(0));
    figures.Add("streams_unaccounted", all_.unaccounted, "frames never answered", AtMost(0));
    figures.Add("streams_failed", all_.failed, "frames refused or broken", AtMost(0));
    figures.Add("streams_client_cpu_share", client_share_,
                "of all cores, taken by this program, at most");
    figures.AddTable(std::move(table_));
  }

 private:
  // Whether most rounds were in time.
  absl::StatusOr<bool> Try(const std::vector<v1::Image>& frames, const PolicyName& policy,
                           int streams, const std::string& key, const std::string& name) {
    StreamOutcome sum;
    std::vector<double> p50, p99;
    int good = 0;
    for (int round = 0; round < plan_.stream_rounds; ++round) {
      steps_.Begin(absl::StrFormat("%d streams, %s, %s, round %d of %d", streams, policy.name, name,
                                   round + 1, plan_.stream_rounds),
                   plan_.streams);
      const OwnShare client;
      LINGULA_ASSIGN_OR_RETURN(
          const StreamOutcome outcome,
          TryStreams(target_.grpc, frames, policy.policy, streams, plan_.streams, random_));
      client_share_ = std::max(client_share_, client.Share());
      good += outcome.IsInTime(kFrameLimit_ms) ? 1 : 0;
      sum += outcome;
      if (!outcome.mask_ms.empty()) {
        p50.push_back(Median(outcome.mask_ms));
        p99.push_back(Percentile(outcome.mask_ms, 0.99));
      }
    }
    all_ += sum;
    if (!p50.empty()) {
      const double share = 100.0 / sum.frames;
      table_.rows.push_back(
          {absl::StrCat(key, streams, "_", policy.key),
           absl::StrCat(streams, ", ", policy.name, ", ", name),
           {Median(p50), Median(p99), Percentile(p99, 1), share * sum.masks, share * sum.dropped}});
    }
    return 2 * good > plan_.stream_rounds;
  }

  const Target& target_;
  std::mt19937_64 random_;
  const Plan& plan_;
  Steps& steps_;
  StreamOutcome all_;
  double client_share_ = 0;
  Table table_;
};

}  // namespace

std::vector<v1::Image> EndoscopyFrames() {
  return JpegFrames(kDistinctFrames, kWidth_px, kHeight_px);
}

absl::StatusOr<StreamOutcome> TryStreams(const std::string& target,
                                         const std::vector<v1::Image>& frames,
                                         v1::StreamPolicy policy, int streams,
                                         Plan::Millis duration, std::mt19937_64& random) {
  const double seconds = std::chrono::duration<double>(duration).count();
  StreamLoad load;
  load.settings.set_policy(policy);
  load.settings.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
  load.frames = frames;
  load.due =
      FrameDues(streams, static_cast<int>(seconds * kFramesPerSecond), kFramesPerSecond, random);
  LINGULA_ASSIGN_OR_RETURN(const std::vector<StreamRecord> records, RunStreams(target, load));
  return Summarise(records);
}

absl::Status MeasureStreams(const Target& target, int side_px, uint64_t seed, const Plan& plan,
                            Steps& steps, Figures& figures) {
  StreamsPart part(target, seed, plan, steps);
  const std::vector<v1::Image> jpegs = EndoscopyFrames();
  const std::string name = absl::StrCat("JPEG ", kWidth_px, " x ", kHeight_px);
  LINGULA_RETURN_IF_ERROR(part.WarmUp(jpegs));
  LINGULA_ASSIGN_OR_RETURN(const StreamSearch jpeg, part.Search(jpegs, "", name));
  figures.Add("streams_in_time", jpeg.best(),
              absl::StrFormat("most streams at 30 frames a second with every mask in order and "
                              "p99 < %.0f ms: JPEG files of %d x %d",
                              kFrameLimit_ms, kWidth_px, kHeight_px));
  // A policy that drops shows only where there is too much.
  LINGULA_RETURN_IF_ERROR(part.TryFreshest(jpegs, jpeg.fewest_bad().value_or(kMostStreams), name));
  if (plan.raw_streams) {
    LINGULA_ASSIGN_OR_RETURN(const StreamSearch raw,
                             part.Search(RawFrames(kDistinctFrames, side_px), "raw_",
                                         absl::StrCat("pixels ", side_px, " x ", side_px)));
    figures.Add("streams_in_time_raw", raw.best(),
                absl::StrCat("the same: colour pixels of ", side_px, " x ", side_px));
  }
  part.Report(figures);
  return absl::OkStatus();
}

Plan::Millis StreamsTime(const Plan& plan) {
  return ((plan.raw_streams ? 2 : 1) * kGuessedLoads + 2) * plan.stream_rounds * plan.streams;
}

}  // namespace lingula::bench
