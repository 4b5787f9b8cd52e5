// `lingula admin` against a server.
#include <sstream>

#include "client/command_line.h"
#include "tests/e2e/lifecycle_fixture.h"

namespace lingula {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class AdminVerbsTest : public test::LifecycleTest {
 protected:
  // Runs `lingula admin` with these words.
  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), {"lingula", "admin"});
    words.push_back("--server");
    words.push_back(absl::StrCat("127.0.0.1:", *server_->admin_port()));
    std::vector<const char*> argv;
    for (const std::string& word : words) {
      argv.push_back(word.c_str());
    }
    out_.str("");
    err_.str("");
    return cli::Run(static_cast<int>(argv.size()), argv.data(), in_, out_, err_, false);
  }

  std::istringstream in_;  // empty
  std::ostringstream out_, err_;
};

TEST_F(AdminVerbsTest, LoadsServesAndUnloads) {
  EXPECT_EQ(Run({"load", "xray@2", "--hold-back"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "loaded xray@2\n");
  EXPECT_EQ(Version("xray"), "1");
  EXPECT_EQ(Run({"serve", "xray@2"}), 0) << err_.str();
  EXPECT_EQ(Version("xray"), "2");
  EXPECT_EQ(Run({"alias", "xray@1", "stable"}), 0) << err_.str();
  EXPECT_EQ(Run({"default", "xray@stable", "--modality", "chest-xray"}), 0) << err_.str();
  EXPECT_EQ(Run({"reload", "xray"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "reloaded xray@2\n");
  EXPECT_EQ(Run({"status"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("xray@1  serving  @stable  yes"),
                                HasSubstr("xray@2  serving  xray     -")));
  EXPECT_EQ(Run({"status", "xray", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(R"("state":"MODEL_STATE_SERVING")"));
  EXPECT_EQ(Run({"unload", "xray@1"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("FAILED_PRECONDITION: model xray@1 has the alias stable"));
  EXPECT_EQ(Run({"rollback", "xray"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "xray leads to xray@2\n") << "the default was undone";
  EXPECT_EQ(Run({"unalias", "xray@stable"}), 0) << err_.str();
  EXPECT_EQ(Run({"default", "xray", "--modality", "chest-xray"}), 0) << err_.str();
  EXPECT_EQ(Run({"unload", "xray@1"}), 0) << err_.str();
  EXPECT_EQ(Run({"load", "nothing"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("NOT_FOUND"));
}

TEST_F(AdminVerbsTest, ShadowsAndPromotes) {
  EXPECT_EQ(Run({"shadow", "status"}), 1);
  EXPECT_EQ(Run({"shadow", "start", "xray@2", "--share", "1", "--min-images", "1"}), 0)
      << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("xray@2 beside xray@1, running"),
                                HasSubstr("not yet: 0 images compared, 1 asked for")));
  do {
    EXPECT_EQ(Version(""), "1");
    EXPECT_EQ(Run({"shadow", "status"}), 0) << err_.str();
  } while (out_.str().find("passes its gate") == std::string::npos);
  EXPECT_EQ(Run({"shadow", "promote"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("ended"));
  EXPECT_EQ(Version(""), "2");
  EXPECT_EQ(Run({"shadow", "stop"}), 1);
  EXPECT_EQ(Run({"rollback", "xray"}), 0) << err_.str();
  EXPECT_EQ(Version(""), "1");
}

TEST_F(AdminVerbsTest, WrongWordsAreUsageAndNobodyThereIsNotReachable) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"load"}), 2);
  EXPECT_EQ(Run({"shadow"}), 2);
  EXPECT_EQ(Run({"default", "xray", "--modality", "ultrasound"}), 2);
  server_->Drain();
  EXPECT_EQ(Run({"status"}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("cannot reach 127.0.0.1:"));
}

}  // namespace
}  // namespace lingula
