#include "tests/bench/load.h"

#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/base/clock.h"
#include "model/base/mutex.h"

namespace lingula::bench {
namespace {

constexpr std::chrono::milliseconds kRunUp{300};
constexpr std::chrono::seconds kCallLimit{60};

// What all callers of one load share. Thread-safe.
class Tally {
 public:
  Tally(int callers, std::chrono::milliseconds duration)
      : from_(Clock::Real().Now() + kRunUp), until_(from_ + duration), left_(callers) {}

  // True when the caller should ask again; false: it has been counted out and may be destroyed.
  bool Answered(const grpc::Status& status, const v1::SegmentResponse& response)
      ABSL_LOCKS_EXCLUDED(mu_) {
    const Instant now = Clock::Real().Now();
    MutexLock lock(mu_);
    if (!status.ok() && status_.ok()) {
      status_ = status;
    }
    if (status_.ok() && now < until_) {
      if (now >= from_) {
        ++images_;
        batches_ += 1.0 / response.timing().batch_size();  // each of n samples counts 1/n
      }
      return true;
    }
    if (--left_ == 0) {
      empty_.NotifyAll();
    }
    return false;
  }

  absl::StatusOr<LoadResult> Wait() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (left_ > 0) {
      empty_.Wait(mu_);
    }
    if (!status_.ok()) {
      return StatusOf(status_, "under load");
    }
    const std::chrono::duration<double> duration = until_ - from_;
    return LoadResult{images_ / duration.count(), images_ / std::max(batches_, 1e-9)};
  }

 private:
  const Instant from_, until_;
  Mutex mu_;
  CondVar empty_;
  int left_ ABSL_GUARDED_BY(mu_);
  int images_ ABSL_GUARDED_BY(mu_) = 0;
  double batches_ ABSL_GUARDED_BY(mu_) = 0;
  grpc::Status status_ ABSL_GUARDED_BY(mu_);
};

class Caller {
 public:
  Caller(grpc::GenericStub& stub, const grpc::ByteBuffer& request, Tally& tally)
      : stub_(stub), request_(request), tally_(tally) {}

  void Ask() {
    context_.emplace();
    context_->set_deadline(std::chrono::system_clock::now() + kCallLimit);
    stub_.UnaryCall(&*context_, kSegmentMethod, grpc::StubOptions(), &request_, &answer_,
                    [this](const grpc::Status& status) {
                      if (tally_.Answered(Checked(status), response_)) {
                        Ask();
                      }
                    });
  }

 private:
  grpc::Status Checked(const grpc::Status& status) {
    if (status.ok() && !ParseAnswer(answer_, response_)) {
      return grpc::Status(grpc::StatusCode::INTERNAL, "the answer is no SegmentResponse");
    }
    return status;
  }

  grpc::GenericStub& stub_;
  const grpc::ByteBuffer request_;  // shares the bytes
  Tally& tally_;
  std::optional<grpc::ClientContext> context_;
  grpc::ByteBuffer answer_;
  v1::SegmentResponse response_;
};

}  // namespace

absl::StatusOr<LoadResult> RunLoad(Connections& connections, const Payload& payload, int callers,
                                   std::chrono::milliseconds duration) {
  Tally tally(callers, duration);
  std::vector<std::unique_ptr<Caller>> all;
  for (int i = 0; i < callers; ++i) {
    all.push_back(std::make_unique<Caller>(connections.stub(static_cast<size_t>(i)),
                                           payload.Buffer(), tally));
  }
  for (const auto& caller : all) {
    caller->Ask();
  }
  return tally.Wait();
}

}  // namespace lingula::bench
