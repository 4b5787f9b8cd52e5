// A candidate that sees live pictures, is judged, promoted and taken back.
#include "tests/e2e/lifecycle_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::Callers;
using testing::AllOf;
using testing::HasSubstr;
using Admin = v1::ModelAdmin::StubInterface;

class ServerShadowTest : public test::LifecycleTest {
 protected:
  static v1::StartShadowRequest Candidate(const std::string& version) {
    v1::StartShadowRequest request;
    request.set_name("xray");
    request.set_version(version);
    request.set_share(1);
    request.mutable_gate()->set_min_images(5);
    return request;
  }
  v1::Shadow Figures() {
    v1::GetShadowResponse response;
    EXPECT_TRUE(Call(&Admin::GetShadow, v1::GetShadowRequest(), &response).ok());
    return response.shadow();
  }
  // Calls until `images` were compared.
  void Compare(uint64_t images) {
    while (Figures().images() < images) {
      ASSERT_NE(Version(""), "") << "any answer will do";
    }
  }
  grpc::Status Promote(const std::string& alias = "") {
    v1::PromoteShadowRequest request;
    request.set_alias(alias);
    return Call(&Admin::PromoteShadow, request);
  }
};

TEST_F(ServerShadowTest, ACandidateThatAgreesIsPromotedAndTakenBackUnderLoad) {
  Callers callers(*segmentation_, {"", "xray"});
  ASSERT_TRUE(StartShadow(Candidate("2")).ok());
  EXPECT_EQ(Version("xray"), "1") << "nobody gets the candidate's answers";
  const grpc::Status early = Promote();
  if (!early.ok()) {  // five pictures may have been compared already
    EXPECT_EQ(early.error_code(), StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(early.error_message(), HasSubstr("images compared, 5 asked for"));
    Compare(5);
    const v1::Shadow figures = Figures();
    EXPECT_EQ(figures.candidate(), "xray@2");
    EXPECT_EQ(figures.live(), "xray@1");
    EXPECT_EQ(figures.mean_dice(), 1);
    EXPECT_EQ(figures.shortfalls_size(), 0);
    ASSERT_TRUE(Promote().ok());
  }
  EXPECT_EQ(Version("xray"), "2");
  EXPECT_EQ(Version(""), "2");
  EXPECT_FALSE(Figures().running());
  ASSERT_TRUE(Rollback().ok());
  EXPECT_EQ(Version("xray"), "1");
  EXPECT_EQ(callers.Stop(), "");
  EXPECT_THAT(Scrape(), HasSubstr(R"(lingula_shadow_dice_count{model="xray@2"})"));
}

TEST_F(ServerShadowTest, ACandidateThatDisagreesStaysOutside) {
  ASSERT_TRUE(Load("2", /*hold_back=*/true).ok());
  repository_.engine("xray@2")->SetProbability(0.9F);
  ASSERT_TRUE(StartShadow(Candidate("2")).ok());
  Compare(5);
  const grpc::Status status = Promote();
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), AllOf(HasSubstr("mean Dice 0."), HasSubstr("share of 1.0")));
  EXPECT_EQ(Version("xray"), "1");
}

TEST_F(ServerShadowTest, ACandidateThatFailsHarmsNobody) {
  ASSERT_TRUE(Load("2", /*hold_back=*/true).ok());
  repository_.engine("xray@2")->SetFault(test::FakeEngine::Fault::kThrow);
  Callers callers(*segmentation_, {"", "xray"});
  ASSERT_TRUE(StartShadow(Candidate("2")).ok());
  callers.WaitFor(20);
  while (Figures().errors() == 0) {
    callers.WaitFor(1);
  }
  EXPECT_EQ(callers.Stop(), "");
  EXPECT_EQ(Promote().error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(ServerShadowTest, AHeldCandidateHoldsUpNobody) {
  ASSERT_TRUE(Load("2", /*hold_back=*/true).ok());
  test::FakeEngine& engine = *repository_.engine("xray@2");
  engine.Block();
  ASSERT_TRUE(StartShadow(Candidate("2")).ok());
  EXPECT_EQ(Version(""), "1");
  engine.WaitForBatches(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Version(""), "1");
  }
  EXPECT_GE(Figures().dropped(), 9U);
  engine.Release();
}

TEST_F(ServerShadowTest, AnAliasCanBePromoted) {
  ASSERT_TRUE(Alias("stable", "1").ok());
  v1::StartShadowRequest request = Candidate("2");
  request.set_live_model("xray@stable");
  ASSERT_TRUE(StartShadow(request).ok());
  Compare(5);
  ASSERT_TRUE(Promote("stable").ok());
  EXPECT_EQ(Version("xray@stable"), "2");
  EXPECT_EQ(Version("xray"), "1");
  ASSERT_TRUE(Rollback().ok());
  EXPECT_EQ(Version("xray@stable"), "1");
}

TEST_F(ServerShadowTest, ACandidateThatIsUnloadedEndsIt) {
  ASSERT_TRUE(StartShadow(Candidate("2")).ok());
  EXPECT_EQ(StartShadow(Candidate("3")).error_code(), StatusCode::FAILED_PRECONDITION);
  ASSERT_TRUE(Unload("2").ok());
  EXPECT_FALSE(Figures().running());
  EXPECT_EQ(Promote().error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(Call(&Admin::StopShadow, v1::StopShadowRequest(),
                 static_cast<v1::StopShadowResponse*>(nullptr))
                .error_code(),
            StatusCode::NOT_FOUND);
}

TEST_F(ServerShadowTest, WrongPlansAreRefused) {
  v1::StartShadowRequest request;
  EXPECT_EQ(StartShadow(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request = Candidate("2");
  request.set_share(1.5);
  EXPECT_EQ(StartShadow(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request = Candidate("2");
  request.mutable_gate()->set_min_images(0);
  EXPECT_EQ(StartShadow(request).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(StartShadow(Candidate("9")).error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(StartShadow(Candidate("1")).error_code(), StatusCode::INVALID_ARGUMENT)
      << "it answers itself";
}

}  // namespace
}  // namespace lingula
