// Our clients against a server that asks who they are.
#include <sstream>

#include "client/client.h"
#include "client/command_line.h"
#include "tests/e2e/security_fixture.h"

namespace lingula {
namespace {

using test::IsOk;
using test::Issued;
using test::StatusIs;
using testing::HasSubstr;

class SecureClientTest : public test::SecurityTest {
 protected:
  SecureClientTest() {
    config_.admin_port = 0;
    UseTls(authority_.Issue({"elsewhere", "DNS:lingula.example"}));
    AskForCertificates(authority_, /*required=*/false);
    PutCallers(Entry("gateway", "good", "roles: [ROLE_SEGMENT, ROLE_READ]") +
               Entry("ops", "ops", "roles: ROLE_ADMIN") +
               "callers { name: \"by-certificate\" roles: ROLE_READ certificates: \"CN:reader\" }");
    const Issued reader = authority_.Issue({"reader", ""});
    folder_.Put("reader.pem", reader.certificate);
    folder_.Put("reader-key.pem", reader.key);
    folder_.Put("authority.pem", authority_.certificate());
    folder_.Put("token", "good\n");
    folder_.Put("ops-token", "ops\n");
  }

  // Runs `lingula` with these words.
  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), "lingula");
    std::vector<const char*> argv;
    for (const std::string& word : words) {
      argv.push_back(word.c_str());
    }
    out_.str("");
    err_.str("");
    return cli::Run(static_cast<int>(argv.size()), argv.data(), in_, out_, err_, false);
  }
  std::vector<std::string> With(std::vector<std::string> words, int port,
                                const std::vector<std::string>& more = {}) const {
    for (const std::string& word : {std::string("--server"), absl::StrCat("127.0.0.1:", port),
                                    std::string("--ca"), folder_.At("authority.pem"),
                                    std::string("--authority"), std::string("lingula.example")}) {
      words.push_back(word);
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::istringstream in_;  // empty
  std::ostringstream out_, err_;
};

TEST_F(SecureClientTest, EveryVerbShowsWhatItIsGiven) {
  Start();
  const int port = server_->port();
  EXPECT_EQ(Run(With({"health"}, port)), 0) << err_.str();
  EXPECT_EQ(Run(With({"models"}, port, {"--token-file", folder_.At("token")})), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("xray@1"));
  EXPECT_EQ(Run(With({"models"}, port,
                     {"--cert", folder_.At("reader.pem"), "--key", folder_.At("reader-key.pem")})),
            0)
      << err_.str();
  EXPECT_EQ(Run(With({"models"}, port)), 1);
  EXPECT_THAT(err_.str(), HasSubstr("show a token or a client certificate"));
  const std::string picture = folder_.Put("picture.png", test::GoodPng());
  EXPECT_EQ(Run(With({"segment", picture}, port, {"--token-file", folder_.At("token")})), 0)
      << err_.str();
  EXPECT_EQ(Run(With({"segment", picture}, port, {"--token-file", folder_.At("ops-token")})), 1);
  EXPECT_EQ(Run(With({"stream", folder_.path()}, port, {"--token-file", folder_.At("token")})), 0)
      << err_.str();
  const int admin = *server_->admin_port();
  EXPECT_EQ(Run(With({"admin", "status"}, admin, {"--token-file", folder_.At("ops-token")})), 0)
      << err_.str();
  EXPECT_EQ(Run(With({"admin", "status"}, admin, {"--token-file", folder_.At("token")})), 1);
  EXPECT_THAT(err_.str(), HasSubstr("PERMISSION_DENIED: this needs the role admin"));
}

TEST_F(SecureClientTest, WhoCannotConnectHearsWhatMayBeWrong) {
  Start();
  const std::string target = absl::StrCat("127.0.0.1:", server_->port());
  EXPECT_EQ(Run({"health", "--server", target}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("without TLS?"));
  EXPECT_EQ(Run({"health", "--server", target, "--ca", folder_.At("authority.pem")}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("a certificate that is trusted")) << "of another name";
  EXPECT_EQ(Run({"health", "--server", target, "--ca", folder_.At("nothing.pem")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("nothing.pem"));
  EXPECT_EQ(Run({"models", "--server", "lingula.example:1", "--token-file", folder_.At("token")}),
            2);
  EXPECT_THAT(err_.str(), HasSubstr("without encryption"));
}

TEST_F(SecureClientTest, ANewTokenNeedsNoNewConnection) {
  Start();
  ClientOptions options;
  options.target = absl::StrCat("127.0.0.1:", server_->port());
  options.security.ca_file = folder_.At("authority.pem");
  options.security.authority = "lingula.example";
  options.security.token_file = folder_.At("token");
  const auto client = Client::Connect(options);
  ASSERT_THAT(client, IsOk());
  EXPECT_THAT((*client)->ListModels(), IsOk());
  folder_.Put("token", "wrong\n");
  EXPECT_THAT((*client)->ListModels(), StatusIs(absl::StatusCode::kUnauthenticated));
  folder_.Put("token", "good\n");
  EXPECT_THAT((*client)->ListModels(), IsOk());
}

}  // namespace
}  // namespace lingula
