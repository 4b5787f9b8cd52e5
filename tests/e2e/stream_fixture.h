// A stream that a test drives step by step.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/server_fixture.h"

namespace lingula::test {

class TestStream {
 public:
  explicit TestStream(v1::Segmentation::Stub& stub) : call_(stub.SegmentStream(&context_)) {}
  TestStream(v1::Segmentation::Stub& stub, const v1::StreamSettings& settings) : TestStream(stub) {
    Set(settings);
  }
  TestStream(v1::Segmentation::Stub& stub, const v1::StreamSettings& settings,
             std::chrono::system_clock::time_point deadline) {
    context_.set_deadline(deadline);
    call_ = stub.SegmentStream(&context_);
    Set(settings);
  }
  // A test that failed early may leave while the engine is held.
  ~TestStream() {
    context_.TryCancel();
    Finish();
  }

  // False when the stream has ended.
  bool Set(const v1::StreamSettings& settings) {
    v1::SegmentStreamRequest message;
    *message.mutable_settings() = settings;
    return call_->Write(message);
  }
  bool Send(uint64_t number, const std::string& file) {
    v1::SegmentStreamRequest message;
    message.mutable_frame()->set_number(number);
    message.mutable_frame()->set_captured_us(static_cast<int64_t>(number) * 10);
    message.mutable_frame()->mutable_image()->set_encoded(file);
    return call_->Write(message);
  }
  bool SendEmptyMessage() { return call_->Write(v1::SegmentStreamRequest()); }
  void Close() { call_->WritesDone(); }
  void Cancel() { context_.TryCancel(); }

  // "7:mask", "8:SUPERSEDED"; empty when the stream has ended.
  std::string Read() {
    if (!call_->Read(&last_)) {
      return "";
    }
    EXPECT_EQ(last_.captured_us(), static_cast<int64_t>(last_.frame_number()) * 10);
    const std::string reason = v1::DropReason_Name(last_.drop().reason());
    return absl::StrCat(last_.frame_number(), ":",
                        last_.has_result() ? "mask" : reason.substr(sizeof("DROP_REASON_") - 1));
  }
  std::vector<std::string> ReadAll() {
    std::vector<std::string> all;
    for (std::string one = Read(); !one.empty(); one = Read()) {
      all.push_back(std::move(one));
    }
    return all;
  }
  const v1::SegmentStreamResponse& last() const { return last_; }

  grpc::Status Finish() {
    if (!finished_) {
      ReadAll();
      status_ = call_->Finish();
      finished_ = true;
    }
    return status_;
  }
  grpc::ClientContext& context() { return context_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SegmentStreamRequest, v1::SegmentStreamResponse>>
      call_;
  v1::SegmentStreamResponse last_;
  bool finished_ = false;
  grpc::Status status_;
};

inline v1::StreamSettings Settings(v1::StreamPolicy policy) {
  v1::StreamSettings settings;
  settings.set_policy(policy);
  return settings;
}

}  // namespace lingula::test
