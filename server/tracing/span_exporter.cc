#include "server/tracing/span_exporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "model/base/clock.h"
#include "model/base/log.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

#ifndef LINGULA_VERSION
#error "LINGULA_VERSION comes from CMakeLists.txt"
#endif

namespace lingula {
namespace {

using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
using opentelemetry::proto::collector::trace::v1::TraceService;

// Once the server ends, nobody waits long for a collector.
constexpr std::chrono::milliseconds kLastTimeout{1000};

void AddAttribute(const char* key, const char* value,
                  opentelemetry::proto::resource::v1::Resource& resource) {
  auto& attribute = *resource.add_attributes();
  attribute.set_key(key);
  attribute.mutable_value()->set_string_value(value);
}

ExportTraceServiceRequest RequestOf(std::vector<OtlpSpan> batch) {
  ExportTraceServiceRequest request;
  auto& program = *request.add_resource_spans();
  AddAttribute("service.name", "lingula-server", *program.mutable_resource());
  AddAttribute("service.version", LINGULA_VERSION, *program.mutable_resource());
  auto& scope = *program.add_scope_spans();
  scope.mutable_scope()->set_name("lingula");
  scope.mutable_spans()->Reserve(static_cast<int>(batch.size()));
  for (OtlpSpan& span : batch) {
    scope.mutable_spans()->Add(std::move(span));
  }
  return request;
}

}  // namespace

struct SpanExporter::Collector {
  explicit Collector(const std::string& endpoint) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
    stub = TraceService::NewStub(
        grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments));
  }
  std::unique_ptr<TraceService::Stub> stub;
};

SpanExporter::SpanExporter(Options options)
    : options_(std::move(options)), collector_(std::make_unique<Collector>(options_.endpoint)) {
  thread_ = std::thread([this] { Run(); });
}

SpanExporter::~SpanExporter() {
  {
    MutexLock lock(mu_);
    ending_ = true;
    wake_.NotifyOne();
  }
  thread_.join();
}

void SpanExporter::Append(std::vector<OtlpSpan> spans) {
  MutexLock lock(mu_);
  if (queue_.size() + spans.size() > options_.max_queued) {
    counts_.dropped += static_cast<int64_t>(spans.size());  // half a request helps nobody
    return;
  }
  std::move(spans.begin(), spans.end(), std::back_inserter(queue_));
  if (queue_.size() >= options_.max_batch) {
    wake_.NotifyOne();
  }
}

void SpanExporter::Flush() {
  MutexLock lock(mu_);
  ++flushing_;
  wake_.NotifyOne();
  while (!queue_.empty() || sending_) {
    idle_.Wait(mu_);
  }
  --flushing_;
}

bool SpanExporter::Take(std::vector<OtlpSpan>& batch) {
  MutexLock lock(mu_);
  const Instant until = Clock::Real().Now() + options_.interval;
  while (!ending_ && flushing_ == 0 && queue_.size() < options_.max_batch) {
    const auto left = until - Clock::Real().Now();
    if (left.count() <= 0) {
      break;
    }
    wake_.WaitFor(mu_, left);
  }
  const auto end =
      queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.max_batch));
  batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  sending_ = !batch.empty();
  if (!sending_) {
    idle_.NotifyAll();
  }
  return sending_ || !ending_;
}

void SpanExporter::Run() {
  bool works = true;
  for (std::vector<OtlpSpan> batch; Take(batch);) {
    const auto size = static_cast<int64_t>(batch.size());
    const bool sent = batch.empty() || Send(std::move(batch));
    SpanCounts counts;
    {
      MutexLock lock(mu_);
      (sent ? counts_.exported : counts_.dropped) += size;
      sending_ = false;
      if (!sent && ending_) {  // nobody waits for the rest
        counts_.dropped += static_cast<int64_t>(queue_.size());
        queue_.clear();
      }
      counts = counts_;
    }
    if (sent != works) {
      works = sent;
      log::Warning(sent ? "spans can be exported again" : "spans cannot be exported",
                   {{"endpoint", options_.endpoint}});
    }
    options_.report(counts);
    MutexLock lock(mu_);
    idle_.NotifyAll();
  }
}

bool SpanExporter::Send(std::vector<OtlpSpan> batch) {
  grpc::ClientContext context;
  {
    MutexLock lock(mu_);
    const auto timeout = ending_ ? std::min(options_.timeout, kLastTimeout) : options_.timeout;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
  }
  context.set_wait_for_ready(true);
  ExportTraceServiceResponse response;
  return collector_->stub->Export(&context, RequestOf(std::move(batch)), &response).ok();
}

}  // namespace lingula
