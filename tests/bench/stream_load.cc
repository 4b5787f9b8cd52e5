#include "tests/bench/stream_load.h"
#include "tests/bench/wire.h"

#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/clock.h"
#include "model/base/status_macros.h"

namespace lingula::bench {
namespace {

constexpr std::chrono::seconds kConnectLimit{5};
constexpr std::chrono::seconds kPatience{60};  // after the last frame was due
constexpr Millis kHeadStart{50};               // threads are up before the first frame is due

FrameFate FateOf(const v1::SegmentStreamResponse& answer) {
  if (answer.has_result()) {
    return FrameFate::kMask;
  }
  const v1::DropReason reason = answer.drop().reason();
  return reason == v1::DROP_REASON_SUPERSEDED || reason == v1::DROP_REASON_TOO_OLD
             ? FrameFate::kDropped
             : FrameFate::kFailed;
}

class Camera {
 public:
  Camera(const std::string& target, const StreamLoad& load, const std::vector<Nanos>& due)
      : load_(load), due_(due), record_(due), channel_(Connect(target)) {}

  absl::Status Open() {
    if (!channel_->WaitForConnected(std::chrono::system_clock::now() + kConnectLimit)) {
      return absl::UnavailableError("a stream cannot connect (is the server running?)");
    }
    stream_ = v1::Segmentation::NewStub(channel_)->SegmentStream(&context_);
    v1::SegmentStreamRequest message;
    *message.mutable_settings() = load_.settings;
    stream_->Write(message);
    return absl::OkStatus();
  }

  void Start(Instant start) {
    ended_ = std::async(std::launch::async, [this, start] { return Run(start); });
  }
  absl::Status Wait(Instant limit) {
    if (ended_.wait_until(limit) != std::future_status::ready) {
      context_.TryCancel();
      ended_.wait();
      return absl::OkStatus();  // the record says it
    }
    return ended_.get();
  }
  StreamRecord& record() { return record_; }

 private:
  static std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all share one connection
    arguments.SetMaxReceiveMessageSize(-1);
    return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  }

  absl::Status Run(Instant start) {
    std::thread sender([this, start] { Send(start); });
    v1::SegmentStreamResponse answer;
    while (stream_->Read(&answer)) {
      record_.Answered(answer.frame_number(), FateOf(answer), Clock::Real().Now() - start);
    }
    sender.join();
    return StatusOf(stream_->Finish(), "a stream ended");
  }

  // Blocks where the server holds it back; later frames stay due when they were.
  void Send(Instant start) {
    v1::SegmentStreamRequest message;
    for (size_t i = 0; i < due_.size(); ++i) {
      std::this_thread::sleep_until(start + due_[i]);
      v1::Frame& frame = *message.mutable_frame();
      frame.set_number(i + 1);
      *frame.mutable_image() = load_.frames[i % load_.frames.size()];
      if (!stream_->Write(message)) {
        return;
      }
    }
    stream_->WritesDone();
  }

  const StreamLoad& load_;
  const std::vector<Nanos>& due_;
  StreamRecord record_;                           // the reading thread's until it has ended
  const std::shared_ptr<grpc::Channel> channel_;  // shared_ptr: gRPC's own type
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SegmentStreamRequest, v1::SegmentStreamResponse>>
      stream_;
  std::future<absl::Status> ended_;
};

Nanos LastDue(const StreamLoad& load) {
  Nanos last{0};
  for (const std::vector<Nanos>& due : load.due) {
    last = std::max(last, due.empty() ? Nanos(0) : due.back());
  }
  return last;
}

}  // namespace

absl::StatusOr<std::vector<StreamRecord>> RunStreams(const std::string& target,
                                                     const StreamLoad& load) {
  std::vector<std::unique_ptr<Camera>> cameras;
  for (const std::vector<Nanos>& due : load.due) {
    cameras.push_back(std::make_unique<Camera>(target, load, due));
    LINGULA_RETURN_IF_ERROR(cameras.back()->Open());
  }
  const Instant start = Clock::Real().Now() + kHeadStart;
  for (const auto& camera : cameras) {
    camera->Start(start);
  }
  absl::Status status;
  std::vector<StreamRecord> records;
  for (const auto& camera : cameras) {
    status.Update(camera->Wait(start + LastDue(load) + kPatience));
    records.push_back(std::move(camera->record()));
  }
  LINGULA_RETURN_IF_ERROR(status);
  return records;
}

}  // namespace lingula::bench
