// Clients that mean harm: that say little for long, much at once, or much in little.
#include <zlib.h>

#include <fstream>
#include <vector>

#include "tests/e2e/raw_connection.h"
#include "tests/e2e/security_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::CallHeaders;
using test::Frame;
using test::GoodPng;
using test::Greeting;
using test::Header;
using test::RawConnection;
using test::SecurityTest;
using test::Settings;
using test::TestStream;

constexpr int kData = 0, kHeaders = 1;          // types of frames
constexpr int kEndStream = 1, kEndHeaders = 4;  // their flags

class AbuseTest : public SecurityTest {
 protected:
  AbuseTest() {
    config_.security.connections.handshake = std::chrono::seconds(1);
    config_.security.connections.idle = std::chrono::seconds(1);
  }
};

class SlowGreeting : public AbuseTest, public testing::WithParamInterface<bool> {};

TEST_P(SlowGreeting, ConnectionsThatNeverGreetAreDroppedAndOthersServed) {
  const bool tls = GetParam();
  if (tls) {
    UseTls(authority_.Issue());
  }
  Start();
  // Nothing; the beginning of TLS; half of HTTP/2's greeting; all of it but the settings.
  const std::string greeting = Greeting();
  std::vector<RawConnection> slow;
  for (int i = 0; i < 10; ++i) {
    for (const std::string& said : {std::string(), std::string("\x16\x03\x01\x02\x00\x01", 6),
                                    greeting.substr(0, 12), greeting.substr(0, 24)}) {
      slow.emplace_back(server_->port());
      slow.back().Send(said);
    }
  }
  EXPECT_TRUE(SegmentOnce(tls ? Trusting(authority_) : grpc::InsecureChannelCredentials()).ok());
  for (RawConnection& connection : slow) {
    ASSERT_TRUE(connection.WaitUntilClosed());
  }
  EXPECT_TRUE(SegmentOnce(tls ? Trusting(authority_) : grpc::InsecureChannelCredentials()).ok());
}

INSTANTIATE_TEST_SUITE_P(All, SlowGreeting, testing::Bool(),
                         [](const auto& c) { return c.param ? "tls" : "plain"; });

TEST_F(AbuseTest, ConnectionsWithoutACallAreClosed) {
  Start();
  RawConnection idle(server_->port()), half_a_header(server_->port());
  idle.Send(Greeting());
  half_a_header.Send(Greeting() + Frame(kHeaders, kEndHeaders, 1, CallHeaders()).substr(0, 40));
  EXPECT_TRUE(idle.WaitUntilClosed());
  EXPECT_TRUE(half_a_header.WaitUntilClosed());
  EXPECT_TRUE(SegmentOnce(grpc::InsecureChannelCredentials()).ok());
}

TEST_F(AbuseTest, OversizedMetadataIsRefused) {
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  const auto other = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  EXPECT_TRUE(SegmentWith(*other, "").ok());
  for (const size_t size : {config_.security.connections.max_metadata_bytes / 2,
                            config_.security.connections.max_metadata_bytes + 1}) {
    grpc::ClientContext context;
    context.AddMetadata("padding", std::string(size, 'x'));
    const grpc::Status status = SegmentWith(*stub, "", &context);
    const bool fits = size < static_cast<size_t>(config_.security.connections.max_metadata_bytes);
    EXPECT_EQ(status.error_code(), fits ? StatusCode::OK : StatusCode::RESOURCE_EXHAUSTED)
        << status.error_message();
  }
  EXPECT_TRUE(SegmentWith(*other, "").ok());  // gRPC may close the connection that it came by
}

TEST_F(AbuseTest, AConnectionCarriesABoundedNumberOfCalls) {
  config_.security.connections.max_calls = 1;
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  TestStream stream(*stub, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  stream.Send(1, GoodPng());
  EXPECT_EQ(stream.Read(), "1:mask");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  EXPECT_EQ(SegmentWith(*stub, "", &context).error_code(), StatusCode::DEADLINE_EXCEEDED)
      << "it waits at the client";
  stream.Close();
  EXPECT_TRUE(stream.Finish().ok());
  EXPECT_TRUE(SegmentWith(*stub, "").ok());
}

TEST_F(AbuseTest, MoreConnectionsThanMayBeOpenAreClosedAndOthersLetInLater) {
  config_.security.connections.max_open = 3;
  config_.security.connections.idle = std::chrono::seconds(0);
  config_.security.connections.handshake = std::chrono::seconds(120);
  Start();
  {
    std::vector<RawConnection> open;
    for (int i = 0; i < 3; ++i) {
      open.emplace_back(server_->port());
      open.back().Send(Greeting());
      EXPECT_NE(open.back().Read(), "") << "greeted back";
    }
    RawConnection one_more(server_->port());
    EXPECT_TRUE(one_more.WaitUntilClosed());
    WaitForMetric("lingula_refused_connections_total 1");
    open.front().Send(Frame(/*a ping*/ 6, 0, 0, std::string(8, 'x')));
    EXPECT_NE(open.front().Read(), "") << "served on";
  }
  while (!SegmentOnce(grpc::InsecureChannelCredentials()).ok()) {  // until gRPC has seen them go
  }
}

// Zeros, `size` of them, as gzip.
std::string Zipped(size_t size) {
  z_stream zip{};
  EXPECT_EQ(deflateInit2(&zip, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string zeros(1 << 20, '\0'), out(1 << 20, '\0'), all;
  for (size_t left = size; left > 0;) {
    const size_t now = std::min(left, zeros.size());
    left -= now;
    zip.next_in = reinterpret_cast<Bytef*>(zeros.data());
    zip.avail_in = static_cast<uInt>(now);
    do {
      zip.next_out = reinterpret_cast<Bytef*>(out.data());
      zip.avail_out = static_cast<uInt>(out.size());
      deflate(&zip, left == 0 ? Z_FINISH : Z_NO_FLUSH);
      all.append(out.data(), out.size() - zip.avail_out);
    } while (zip.avail_out == 0);
  }
  deflateEnd(&zip);
  return all;
}

// The most memory that this process has held since the last call, in bytes.
size_t PeakMemory() {
  std::ifstream status("/proc/self/status");
  size_t peak_kib = 0;
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      status >> peak_kib;
    }
  }
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak_kib * 1024;
}

TEST_F(AbuseTest, AMessageThatInflatesBeyondTheLimitIsRefusedAndNotInflated) {
  config_.max_message_bytes = 1 << 20;
  Start();
  constexpr size_t kInflated = 60 << 20;
  const std::string bomb = Zipped(kInflated);
  ASSERT_LT(bomb.size(), 65'000U) << "fits into HTTP/2's first window";
  EXPECT_TRUE(SegmentOnce(grpc::InsecureChannelCredentials()).ok());  // all that is lazy is there
  std::string message(1, '\1');  // gRPC: compressed, and the length
  for (int shift = 24; shift >= 0; shift -= 8) {
    message.push_back(static_cast<char>(bomb.size() >> shift));
  }
  message += bomb;
  PeakMemory();
  const size_t before = PeakMemory();
  RawConnection connection(server_->port());
  connection.Send(Greeting() +
                  Frame(kHeaders, kEndHeaders, 1, CallHeaders(Header("grpc-encoding", "gzip"))));
  for (size_t at = 0; at < message.size(); at += 16384) {
    const std::string part = message.substr(at, 16384);
    connection.Send(Frame(kData, at + part.size() == message.size() ? kEndStream : 0, 1, part));
  }
  EXPECT_TRUE(connection.WaitUntilClosed());  // answered, then idle
  EXPECT_LT(PeakMemory() - before, kInflated / 3);
  EXPECT_EQ(engine_->batch_sizes().size(), 1U);
  EXPECT_TRUE(SegmentOnce(grpc::InsecureChannelCredentials()).ok());
}

TEST_F(AbuseTest, ACompressedCallIsToldThatItIsNotTaken) {
  config_.max_message_bytes = 1 << 20;
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::SegmentResponse response;
  const grpc::Status status =
      stub->Segment(&context, Request(std::string(8 << 20, '\0')), &response);
  EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED) << status.error_message();
}

}  // namespace
}  // namespace lingula
