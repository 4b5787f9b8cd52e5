// A server on a free loopback port that answers as it was told.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "lingula/v1/models.grpc.pb.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/base/mutex.h"

namespace lingula::test {

// What the fake says to one Segment call.
struct Scripted {
  grpc::Status status;
  std::string pushback = "";                 // grpc-retry-pushback-ms, unless empty
  std::chrono::milliseconds retry_info{-1};  // google.rpc.RetryInfo, unless negative
};

class FakeServer final : public v1::Segmentation::Service,
                         public v1::Models::Service,
                         public grpc::health::v1::Health::Service {
 public:
  FakeServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<v1::Segmentation::Service*>(this));
    builder.RegisterService(static_cast<v1::Models::Service*>(this));
    builder.RegisterService(static_cast<grpc::health::v1::Health::Service*>(this));
    builder.SetMaxReceiveMessageSize(64 << 20);
    server_ = builder.BuildAndStart();
  }
  ~FakeServer() override { Stop(); }

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }
  void Stop() { server_->Shutdown(std::chrono::system_clock::now()); }
  // Answers come in this order; afterwards every call is answered well.
  void Script(std::vector<Scripted> answers) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    script_.assign(answers.begin(), answers.end());
  }
  void Answer(const v1::SegmentResponse& answer) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    answer_ = answer;
  }
  std::vector<v1::SegmentRequest> requests() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return requests_;
  }

  grpc::Status Segment(grpc::ServerContext* context, const v1::SegmentRequest* request,
                       v1::SegmentResponse* response) override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    requests_.push_back(*request);
    if (!script_.empty()) {
      const Scripted next = script_.front();
      script_.pop_front();
      if (!next.pushback.empty()) {
        context->AddTrailingMetadata("grpc-retry-pushback-ms", next.pushback);
      }
      return WithDetails(next);
    }
    *response = answer_;
    if (response->has_dicom()) {
      response->mutable_dicom()->set_frame_number(std::max(1U, request->image().frame_number()));
    }
    if (request->want_structured_report()) {
      response->set_structured_report("the report");
    }
    if (request->want_second_opinion()) {
      response->mutable_second_opinion()->set_dice(0.75F);
      response->mutable_second_opinion()->add_masks()->set_png("the second mask");
    }
    for (const int format : request->mask_formats()) {
      v1::Mask& mask = *response->add_masks();
      mask.set_format(static_cast<v1::MaskFormat>(format));
      if (format == v1::MASK_FORMAT_PNG) {
        mask.set_png("the mask");
      } else if (format == v1::MASK_FORMAT_OVERLAY_PNG) {
        mask.set_overlay_png("the overlay");
      } else if (format == v1::MASK_FORMAT_COCO_RLE) {
        mask.mutable_coco_rle()->set_height(2);
        mask.mutable_coco_rle()->set_width(3);
        mask.mutable_coco_rle()->set_counts("abc");
      } else if (format == v1::MASK_FORMAT_POLYGONS) {
        mask.mutable_polygons()->add_polygons()->add_xy(7);
      } else if (format >= v1::MASK_FORMAT_DICOM_SEG) {
        mask.set_dicom_seg("the segmentation");
      } else {
        FillPixels(mask);
      }
    }
    return grpc::Status::OK;
  }

  // Two rows of three pixels.
  static void FillPixels(v1::Mask& mask) {
    mask.set_height(2);
    mask.set_width(3);
    if (mask.format() == v1::MASK_FORMAT_PACKED_BITS) {
      mask.set_packed_bits("ab");
    } else if (mask.format() == v1::MASK_FORMAT_PROBABILITIES_UINT8) {
      mask.set_probabilities_uint8("abcdef");
    } else {
      mask.set_probabilities_float32(std::string(24, 'f'));
    }
  }

  grpc::Status ListModels(grpc::ServerContext*, const v1::ListModelsRequest*,
                          v1::ListModelsResponse* response) override {
    v1::Model& model = *response->add_models();
    model.mutable_identity()->set_name("tiny");
    model.mutable_identity()->set_version("3");
    v1::Score& score = *model.add_scores();
    score.set_metric("dice");
    score.set_value(0.8125);
    score.set_data("some/val");
    score.set_images(7);
    return grpc::Status::OK;
  }

  grpc::Status GetModel(grpc::ServerContext*, const v1::GetModelRequest* request,
                        v1::GetModelResponse* response) override {
    response->set_card_markdown("# " + request->model());
    return grpc::Status::OK;
  }

  grpc::Status Check(grpc::ServerContext*, const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override {
    using Response = grpc::health::v1::HealthCheckResponse;
    if (request->service() == "unknown") {
      return {grpc::NOT_FOUND, "no such service"};
    }
    response->set_status(request->service().empty() ? Response::SERVING : Response::NOT_SERVING);
    return grpc::Status::OK;
  }

 private:
  static grpc::Status WithDetails(const Scripted& scripted) {
    google::rpc::Status details;
    if (scripted.retry_info.count() >= 0) {
      google::rpc::RetryInfo info;
      info.mutable_retry_delay()->set_seconds(scripted.retry_info.count() / 1000);
      info.mutable_retry_delay()->set_nanos(static_cast<int>(scripted.retry_info.count() % 1000) *
                                            1'000'000);
      details.add_details()->PackFrom(info);
    }
    return {scripted.status.error_code(), scripted.status.error_message(),
            details.SerializeAsString()};
  }

  int port_ = 0;
  Mutex mu_;
  std::deque<Scripted> script_ ABSL_GUARDED_BY(mu_);
  v1::SegmentResponse answer_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::SegmentRequest> requests_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace lingula::test
