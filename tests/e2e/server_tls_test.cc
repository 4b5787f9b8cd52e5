// Encryption: who gets a connection, and certificates that change under traffic.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/e2e/security_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::FakeAuthority;
using test::Issued;
using test::SecurityTest;
using test::StatusIs;
using test::Subject;
using testing::HasSubstr;

class TlsTest : public SecurityTest {};

TEST_F(TlsTest, ServesWhoTrustsItsAuthority) {
  UseTls(authority_.Issue());
  Start();
  EXPECT_TRUE(SegmentOnce(Trusting(authority_)).ok());
}

TEST_F(TlsTest, ServesNobodyInPlainText) {
  UseTls(authority_.Issue());
  Start();
  EXPECT_EQ(SegmentOnce(grpc::InsecureChannelCredentials()).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, AClientThatTrustsAnotherAuthorityDoesNotConnect) {
  UseTls(authority_.Issue());
  Start();
  const FakeAuthority other;
  EXPECT_EQ(SegmentOnce(Trusting(other)).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, AClientDoesNotConnectToAServerOfAnotherName) {
  UseTls(authority_.Issue({"elsewhere", "DNS:elsewhere"}));
  Start();
  EXPECT_EQ(SegmentOnce(Trusting(authority_)).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, AnExpiredCertificateEndsTheStart) {
  Subject past;
  past.until = std::chrono::seconds(-1);
  UseTls(authority_.Issue(past));
  EXPECT_THAT(TryStart(), StatusIs(absl::StatusCode::kInvalidArgument,
                                   HasSubstr("certificate_file: good from")));
}

TEST_F(TlsTest, ClientsMustShowACertificateOfTheirAuthority) {
  FakeAuthority clients, others;
  UseTls(authority_.Issue());
  AskForCertificates(clients);
  Start();
  Subject past;
  past.until = std::chrono::seconds(-1);
  EXPECT_TRUE(SegmentOnce(Trusting(authority_, clients.Issue())).ok());
  EXPECT_EQ(SegmentOnce(Trusting(authority_)).error_code(), StatusCode::UNAVAILABLE) << "none";
  EXPECT_EQ(SegmentOnce(Trusting(authority_, others.Issue())).error_code(), StatusCode::UNAVAILABLE)
      << "of another authority";
  EXPECT_EQ(SegmentOnce(Trusting(authority_, clients.Issue(past))).error_code(),
            StatusCode::UNAVAILABLE)
      << "expired";
}

TEST_F(TlsTest, WhereCertificatesAreAcceptedNoneIsFineAndAWrongOneIsNot) {
  FakeAuthority clients, others;
  UseTls(authority_.Issue());
  AskForCertificates(clients, /*required=*/false);
  Start();
  EXPECT_TRUE(SegmentOnce(Trusting(authority_)).ok());
  EXPECT_TRUE(SegmentOnce(Trusting(authority_, clients.Issue())).ok());
  EXPECT_EQ(SegmentOnce(Trusting(authority_, others.Issue())).error_code(),
            StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, SubjectsOfCertificatesNameTheirCallers) {
  FakeAuthority clients;
  UseTls(authority_.Issue());
  AskForCertificates(clients);
  PutCallers(R"(
    callers { name: "by-uri" roles: ROLE_SEGMENT certificates: "URI:spiffe://example/pacs" }
    callers { name: "by-dns" roles: ROLE_SEGMENT certificates: "DNS:gateway.example" }
    callers { name: "by-ip" roles: ROLE_SEGMENT certificates: "IP:10.1.2.3" }
    callers { name: "by-mail" roles: ROLE_SEGMENT certificates: "EMAIL:ops@example.org" }
    callers { name: "by-cn" roles: ROLE_SEGMENT certificates: "CN:gateway" }
    callers { name: "reader" roles: ROLE_READ certificates: "CN:reader" })");
  Start();
  for (const Subject& known : {Subject{"x", "URI:spiffe://example/pacs"},
                               Subject{"x", "DNS:gateway.example"}, Subject{"x", "IP:10.1.2.3"},
                               Subject{"x", "email:ops@example.org"}, Subject{"gateway", ""}}) {
    const grpc::Status status = SegmentOnce(Trusting(authority_, clients.Issue(known)));
    EXPECT_TRUE(status.ok()) << known.alternative << ": " << status.error_message();
  }
  EXPECT_EQ(
      SegmentOnce(Trusting(authority_, clients.Issue({"x", "DNS:other.example"}))).error_code(),
      StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(SegmentOnce(Trusting(authority_, clients.Issue({"reader", ""}))).error_code(),
            StatusCode::PERMISSION_DENIED);
}

TEST_F(TlsTest, TheAdminPortAsksForTheSame) {
  FakeAuthority clients;
  UseTls(authority_.Issue());
  AskForCertificates(clients);
  config_.admin_port = 0;
  Start();
  const auto status = [this](const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    const auto stub = v1::ModelAdmin::NewStub(ChannelTo(*server_->admin_port(), credentials));
    grpc::ClientContext context;
    v1::GetStatusResponse response;
    return stub->GetStatus(&context, {}, &response).error_code();
  };
  EXPECT_EQ(status(grpc::InsecureChannelCredentials()), StatusCode::UNAVAILABLE);
  EXPECT_EQ(status(Trusting(authority_)), StatusCode::UNAVAILABLE);
  EXPECT_EQ(status(Trusting(authority_, clients.Issue())), StatusCode::OK);
}

// Calls until told to stop, each on a connection of its own or all on one.
class Traffic {
 public:
  explicit Traffic(std::function<grpc::Status()> call) {
    thread_ = std::thread([this, call = std::move(call)] {
      while (!stop_) {
        failed_ += call().ok() ? 0 : 1;
        ++made_;
      }
    });
  }
  ~Traffic() { Stop(); }
  void WaitForMore(int calls) const {
    for (const int goal = made_ + calls; made_ < goal;) {
      std::this_thread::yield();
    }
  }
  int Stop() {
    stop_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
    return failed_;
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> made_{0}, failed_{0};
  std::thread thread_;
};

TEST_F(TlsTest, ANewCertificateIsShownWithoutALostCall) {
  Subject soon;
  soon.until = std::chrono::seconds(900);
  UseTls(authority_.Issue(soon));
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port(), Trusting(authority_)));
  Traffic old_connection([&stub] { return SegmentWith(*stub, ""); });
  Traffic new_connections([this] { return SegmentOnce(Trusting(authority_)); });
  for (int change = 1; change <= 5; ++change) {
    old_connection.WaitForMore(3);
    new_connections.WaitForMore(3);
    PutCertificate(authority_.Issue());
    WaitForMetric(absl::StrCat(
        "lingula_credential_reloads_total{file=\"certificate\",outcome=\"taken\"} ", change + 1));
  }
  new_connections.WaitForMore(3);
  EXPECT_EQ(old_connection.Stop(), 0);
  EXPECT_EQ(new_connections.Stop(), 0);
}

TEST_F(TlsTest, NewAuthoritiesHoldForNewConnections) {
  FakeAuthority next, clients, next_clients;
  UseTls(authority_.Issue());
  AskForCertificates(clients);
  Start();
  EXPECT_TRUE(SegmentOnce(Trusting(authority_, clients.Issue())).ok());
  PutCertificate(next.Issue());
  Replace("ca.pem", next_clients.certificate());
  while (!SegmentOnce(Trusting(next, next_clients.Issue())).ok()) {
  }
  EXPECT_EQ(SegmentOnce(Trusting(authority_, next_clients.Issue())).error_code(),
            StatusCode::UNAVAILABLE);
  EXPECT_EQ(SegmentOnce(Trusting(next, clients.Issue())).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ABrokenPairIsRefusedAndTheOldOneServesOn) {
  Subject past;
  past.until = std::chrono::seconds(-1);
  const Issued expired = authority_.Issue(past);
  UseTls(authority_.Issue());
  Start();
  const auto end = [this] {
    const std::string text = server_->metrics().Text();
    const size_t at = text.find("\nlingula_certificate_not_after_timestamp_seconds{listener=");
    return text.substr(at, text.find('\n', at + 1) - at);
  };
  const std::string before = end();
  const Issued next = authority_.Issue();
  int refused = 0;
  for (const std::string& broken :
       {next.certificate.substr(0, 300), next.certificate, std::string(), expired.certificate}) {
    Replace("cert.pem", broken);
    WaitForMetric(absl::StrCat(
        "lingula_credential_reloads_total{file=\"certificate\",outcome=\"refused\"} ", ++refused));
    EXPECT_TRUE(SegmentOnce(Trusting(authority_)).ok());
  }
  EXPECT_EQ(end(), before);
  PutCertificate(next);
  WaitForMetric("lingula_credential_reloads_total{file=\"certificate\",outcome=\"taken\"} 2");
  EXPECT_TRUE(SegmentOnce(Trusting(authority_)).ok());
}

}  // namespace
}  // namespace lingula
