#include "client/console/problems.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace lingula::console {
namespace {

TEST(Problems, EachCodeSaysWhatHappenedAndWhatToDo) {
  for (int code = 1; code <= 16; ++code) {
    const Problem problem = ProblemOf(static_cast<absl::StatusCode>(code));
    EXPECT_THAT(std::string(problem.sentence), testing::EndsWith(".")) << code;
    EXPECT_THAT(std::string(problem.advice), testing::EndsWith(".")) << code;
    EXPECT_GE(problem.http_status, 400);
  }
}

TEST(Problems, TheServersOwnWordsComeWithThem) {
  const HttpReply reply = ProblemReply(absl::InvalidArgumentError("image: no \"PNG\" \xff"));
  EXPECT_EQ(reply.status, 400);
  const auto told = nlohmann::json::parse(reply.body);
  EXPECT_EQ(told["code"], "INVALID_ARGUMENT");
  EXPECT_THAT(told["detail"].get<std::string>(), testing::StartsWith("image: no \"PNG\""));
}

}  // namespace
}  // namespace lingula::console
