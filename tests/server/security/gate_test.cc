#include "server/security/gate.h"

#include <optional>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "server/security/token.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class GateTest : public testing::Test {
 protected:
  void Open(const Gate::Options& options) {
    gate_.emplace(options, clock_, [this](Refusal why) { refusals_.push_back(why); });
  }
  void Open(const CallerLimits& each) { Open(Gate::Options{Roles::All(), each}); }
  void Know(const std::string& entries) {
    auto callers = Callers::Parse(entries, "callers");
    ASSERT_THAT(callers, test::IsOk());
    gate_->Replace(std::make_shared<const Callers>(*std::move(callers)));
  }
  static std::string Entry(const std::string& name, const std::string& token,
                           const std::string& more = "roles: ROLE_SEGMENT") {
    return absl::StrCat("callers { name: \"", name, "\" token_sha256: \"", TokenHash(token), "\" ",
                        more, " }");
  }
  std::variant<Pass, Refused> Ask(const Credentials& shown, Role role = Role::kSegment,
                                  Claim claim = Claim::kCall) {
    return gate_->Admit(shown, role, claim);
  }
  // OK, or why not.
  absl::Status Try(const Credentials& shown, Role role = Role::kSegment) {
    const auto answer = Ask(shown, role, Claim::kNothing);
    const Refused* refused = std::get_if<Refused>(&answer);
    return refused == nullptr ? absl::OkStatus() : refused->status;
  }
  static Credentials Bearer(absl::string_view header) { return {"ipv4:10.0.0.1", header, {}}; }

  test::FakeClock clock_;
  std::vector<Refusal> refusals_;
  std::optional<Gate> gate_;
};

TEST_F(GateTest, WithoutAFileEverybodyMayDoEverythingAndHostsAreToldApart) {
  Open(Gate::Options());
  auto one = Ask({"ipv4:10.0.0.1", "", {}}, Role::kAdmin), again = Ask({"ipv4:10.0.0.1", "", {}});
  auto other = Ask({"ipv4:10.0.0.2", "", {}});
  EXPECT_EQ(std::get<Pass>(one).name(), "anonymous");
  EXPECT_EQ(std::get<Pass>(one).number(), std::get<Pass>(again).number());
  EXPECT_NE(std::get<Pass>(one).number(), std::get<Pass>(other).number());
  EXPECT_EQ(gate_->watched(), 0U) << "no limits, nothing to keep";
}

TEST_F(GateTest, ATokenNamesItsCallerWhereverHeCallsFrom) {
  Open(Gate::Options{Roles(), {}});
  Know(Entry("gateway", "a"));
  auto here = Ask({"ipv4:10.0.0.1", "Bearer a", {}}),
       there = Ask({"ipv4:10.9.9.9", "bearer a", {}});
  EXPECT_EQ(std::get<Pass>(here).name(), "gateway");
  EXPECT_EQ(std::get<Pass>(here).number(), std::get<Pass>(there).number());
  EXPECT_THAT(refusals_, IsEmpty());
}

TEST_F(GateTest, WhoIsNotKnownIsRefused) {
  Open(Gate::Options{Roles(), {}});
  Know(Entry("gateway", "a"));
  for (const char* header : {"", "Bearer ", "Bearer b", "Bearer  a", "Basic a", "a", "Bearer"}) {
    EXPECT_THAT(Try(Bearer(header)), test::StatusIs(StatusCode::kUnauthenticated)) << header;
  }
  EXPECT_THAT(Try({"h", "", {"CN:gateway"}}),
              test::StatusIs(StatusCode::kUnauthenticated, HasSubstr("certificate is not that")));
  EXPECT_THAT(refusals_,
              testing::AllOf(testing::SizeIs(8), testing::Each(Refusal::kUnauthenticated)));
}

TEST_F(GateTest, NoMessageRepeatsWhatWasSent) {
  Open(Gate::Options{Roles(), {}});
  EXPECT_THAT(std::string(Try(Bearer("Bearer my-secret")).message()), Not(HasSubstr("my-secret")));
  EXPECT_THAT(std::string(Try(Bearer("my-secret")).message()), Not(HasSubstr("my-secret")));
}

TEST_F(GateTest, AWrongTokenIsNotMadeGoodByACertificateOrByWhatAnybodyMayDo) {
  Open(Gate::Options{Roles::All(), {}});
  Know(R"(callers { name: "gateway" roles: ROLE_SEGMENT certificates: "CN:gateway" })");
  EXPECT_THAT(Try({"h", "Bearer b", {"CN:gateway"}}), test::StatusIs(StatusCode::kUnauthenticated));
  EXPECT_THAT(Try({"h", "", {"CN:gateway"}}), test::IsOk());
}

struct RoleCase {
  const char* granted;
  Role role;
};

class GateRoles : public GateTest, public testing::WithParamInterface<RoleCase> {};

TEST_P(GateRoles, OpenOneDoorEach) {
  Open(Gate::Options{Roles(), {}});
  Know(Entry("n", "a", absl::StrCat("roles: ", GetParam().granted)));
  for (const Role role : {Role::kSegment, Role::kRead, Role::kAdmin}) {
    const absl::Status status = Try(Bearer("Bearer a"), role);
    if (role == GetParam().role) {
      EXPECT_THAT(status, test::IsOk());
    } else {
      EXPECT_THAT(status, test::StatusIs(StatusCode::kPermissionDenied, HasSubstr(RoleName(role))));
    }
  }
  EXPECT_THAT(refusals_, ElementsAre(Refusal::kPermissionDenied, Refusal::kPermissionDenied));
}

INSTANTIATE_TEST_SUITE_P(All, GateRoles,
                         testing::Values(RoleCase{"ROLE_SEGMENT", Role::kSegment},
                                         RoleCase{"ROLE_READ", Role::kRead},
                                         RoleCase{"ROLE_ADMIN", Role::kAdmin}),
                         [](const auto& c) { return std::string(c.param.granted); });

TEST_F(GateTest, WhatAnybodyMayDoNeedsNoName) {
  Open(Gate::Options{{Role::kRead}, {}});
  EXPECT_THAT(Try(Bearer(""), Role::kRead), test::IsOk());
  EXPECT_THAT(Try(Bearer(""), Role::kSegment), test::StatusIs(StatusCode::kUnauthenticated));
}

TEST_F(GateTest, ATokenThatWasTakenOutOpensNothingMore) {
  Open(Gate::Options{Roles(), {}});
  Know(Entry("gateway", "a"));
  EXPECT_THAT(Try(Bearer("Bearer a")), test::IsOk());
  Know(Entry("gateway", "b"));
  EXPECT_THAT(Try(Bearer("Bearer a")), test::StatusIs(StatusCode::kUnauthenticated));
  EXPECT_THAT(Try(Bearer("Bearer b")), test::IsOk());
}

TEST_F(GateTest, TooManyCallsASecondAreToldWhenToComeBack) {
  Open(CallerLimits{10, 2, 0, 0});
  EXPECT_THAT(Try({"one", "", {}}), test::IsOk());
  EXPECT_THAT(Try({"one", "", {}}), test::IsOk());
  const auto refused = Ask({"one", "", {}});
  ASSERT_TRUE(std::holds_alternative<Refused>(refused));
  EXPECT_THAT(std::get<Refused>(refused).status,
              test::StatusIs(StatusCode::kResourceExhausted, HasSubstr("10 calls a second")));
  EXPECT_EQ(std::get<Refused>(refused).retry, milliseconds(100));
  EXPECT_THAT(Try({"two", "", {}}), test::IsOk()) << "another caller's bucket";
  clock_.Advance(milliseconds(100));
  EXPECT_THAT(Try({"one", "", {}}), test::IsOk());
  EXPECT_THAT(refusals_, ElementsAre(Refusal::kRate));
}

TEST_F(GateTest, ACallHoldsItsPlaceUntilItsPassGoes) {
  Open(CallerLimits{0, 1, 1, 0});
  {
    const auto first = Ask({"one", "", {}});
    ASSERT_TRUE(std::holds_alternative<Pass>(first));
    EXPECT_TRUE(std::holds_alternative<Refused>(Ask({"one", "", {}})));
    EXPECT_TRUE(std::holds_alternative<Pass>(Ask({"one", "", {}}, Role::kSegment, Claim::kStream)));
    EXPECT_TRUE(std::holds_alternative<Pass>(Ask({"two", "", {}})));
  }
  auto next = Ask({"one", "", {}});
  ASSERT_TRUE(std::holds_alternative<Pass>(next));
  Pass moved = std::move(std::get<Pass>(next));
  EXPECT_TRUE(std::holds_alternative<Refused>(Ask({"one", "", {}}))) << "moved, not given back";
  moved.Leave();
  moved.Leave();
  EXPECT_TRUE(std::holds_alternative<Pass>(Ask({"one", "", {}})));
  EXPECT_THAT(refusals_, ElementsAre(Refusal::kCalls, Refusal::kCalls));
}

TEST_F(GateTest, StreamsHaveALimitOfTheirOwn) {
  Open(CallerLimits{0, 1, 0, 1});
  const auto first = Ask({"one", "", {}}, Role::kSegment, Claim::kStream);
  const auto second = Ask({"one", "", {}}, Role::kSegment, Claim::kStream);
  ASSERT_TRUE(std::holds_alternative<Refused>(second));
  EXPECT_EQ(std::get<Refused>(second).reason, Refusal::kStreams);
  EXPECT_EQ(std::get<Refused>(second).retry, seconds(1));
  EXPECT_TRUE(std::holds_alternative<Pass>(Ask({"one", "", {}})));
}

TEST_F(GateTest, ACallRefusedForItsPlaceCostsNoToken) {
  Open(CallerLimits{1, 2, 1, 0});
  {
    const auto first = Ask({"one", "", {}});
    EXPECT_TRUE(std::holds_alternative<Refused>(Ask({"one", "", {}})));
  }
  EXPECT_TRUE(std::holds_alternative<Pass>(Ask({"one", "", {}})));
  EXPECT_THAT(refusals_, ElementsAre(Refusal::kCalls));
}

TEST_F(GateTest, ACallersOwnLimitsGoBeforeThoseOfEverybody) {
  Open(Gate::Options{Roles(), {0, 1, 1, 0}});
  Know(Entry("wide", "a", "roles: ROLE_SEGMENT limits { max_calls: 2 }") + Entry("narrow", "b"));
  const auto one = Ask(Bearer("Bearer a")), two = Ask(Bearer("Bearer a"));
  EXPECT_TRUE(std::holds_alternative<Pass>(two));
  EXPECT_TRUE(std::holds_alternative<Refused>(Ask(Bearer("Bearer a"))));
  const auto only = Ask(Bearer("Bearer b"));
  EXPECT_TRUE(std::holds_alternative<Refused>(Ask(Bearer("Bearer b"))));
}

TEST_F(GateTest, NobodyIsNamedLikeSomebodysHost) {
  Open(Gate::Options{Roles::All(), {0, 1, 1, 0}});
  Know(Entry("one", "a"));
  const auto named = Ask({"elsewhere", "Bearer a", {}});
  EXPECT_TRUE(std::holds_alternative<Pass>(Ask({"one", "", {}})));
}

TEST_F(GateTest, ManyHostsThatCallOnceAreForgotten) {
  Open(CallerLimits{1000, 1000, 0, 0});
  const auto stays = Ask({"stays", "", {}}, Role::kSegment, Claim::kStream);
  for (int i = 0; i < 100'000; ++i) {
    clock_.Advance(milliseconds(1));
    EXPECT_THAT(Try({absl::StrCat("host", i), "", {}}), test::IsOk());
  }
  EXPECT_LE(gate_->watched(), 4096U);
}

}  // namespace
}  // namespace lingula
