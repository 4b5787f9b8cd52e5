// A server with certificates and callers on files that a test can change, and clients who show
// them.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include <grpcpp/create_channel.h>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "server/security/token.h"
#include "tests/e2e/server_fixture.h"
#include "tests/e2e/stream_fixture.h"
#include "tests/support/fake_authority.h"
#include "tests/support/temp_folder.h"

namespace lingula::test {

class SecurityTest : public ServerTest {
 protected:
  SecurityTest() {
    config_.batching.max_queued = 64;
    config_.security.reload = std::chrono::milliseconds(2);
  }
  void SetUp() override {}  // each test says first what the configuration holds
  void TearDown() override {
    if (engine_ != nullptr) {
      engine_->Release();
    }
  }

  absl::Status TryStart() {
    auto server = Server::Start(config_, Sources(FakeSource("xray", "1", &engine_)));
    if (server.ok()) {
      server_ = *std::move(server);
    }
    return server.status();
  }
  void Start() { ASSERT_THAT(TryStart(), IsOk()); }

  // Replaces a file as a whole: no look of the server finds half of it.
  std::string Replace(const std::string& name, const std::string& content) const {
    EXPECT_THAT(WriteFile(folder_.At(name), content), IsOk());
    return folder_.At(name);
  }
  // One after the other: a look between finds a key of another certificate.
  void PutCertificate(const Issued& issued) {
    Replace("key.pem", issued.key);
    Replace("cert.pem", issued.certificate);
  }
  void UseTls(const Issued& issued) {
    PutCertificate(issued);
    config_.security.files.certificate = folder_.At("cert.pem");
    config_.security.files.key = folder_.At("key.pem");
  }
  void AskForCertificates(const FakeAuthority& authority, bool required = true) {
    config_.security.files.client_ca = Replace("ca.pem", authority.certificate());
    config_.security.client_certificate_required = required;
  }
  void PutCallers(const std::string& text) {
    config_.security.files.callers = Replace("callers.textproto", text);
    config_.security.gate.anonymous = Roles();
  }
  // An entry for a caller with one token.
  static std::string Entry(const std::string& name, const std::string& token,
                           const std::string& more) {
    return absl::StrCat("callers { name: \"", name, "\" token_sha256: \"", TokenHash(token), "\" ",
                        more, " }\n");
  }

  static std::shared_ptr<grpc::ChannelCredentials> Trusting(const FakeAuthority& authority,
                                                            const Issued& own = {}) {
    return grpc::SslCredentials({authority.certificate(), own.key, own.certificate});
  }
  // A connection of its own.
  std::shared_ptr<grpc::Channel> ChannelTo(
      int port, const std::shared_ptr<grpc::ChannelCredentials>& credentials =
                    grpc::InsecureChannelCredentials()) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), credentials, arguments);
  }
  // One Segment call on a connection of its own; the token unless it is empty.
  grpc::Status SegmentOnce(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                           const std::string& token = "") {
    const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port(), credentials));
    return SegmentWith(*stub, token);
  }
  static grpc::Status SegmentWith(v1::Segmentation::Stub& stub, const std::string& token,
                                  grpc::ClientContext* given = nullptr) {
    grpc::ClientContext own;
    grpc::ClientContext& context = given != nullptr ? *given : own;
    own.set_deadline(HalfAMinute());
    if (!token.empty()) {
      context.AddMetadata("authorization", "Bearer " + token);
    }
    v1::SegmentResponse response;
    return stub.Segment(&context, Request(GoodPng()), &response);
  }

  bool MetricsHave(const std::string& line) const {
    return server_->metrics().Text().find("\n" + line + "\n") != std::string::npos;
  }
  // So that a missing defence is a failure and not a hang.
  static std::chrono::system_clock::time_point HalfAMinute() {
    return std::chrono::system_clock::now() + std::chrono::seconds(30);
  }
  void WaitForMetric(const std::string& line) const {
    const auto end = HalfAMinute();
    while (!MetricsHave(line)) {
      ASSERT_TRUE(std::chrono::system_clock::now() < end) << "no " << line;
      std::this_thread::yield();
    }
  }

  const TempFolder folder_;
  FakeAuthority authority_;
};

}  // namespace lingula::test
