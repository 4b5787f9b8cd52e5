#include "server/service/model_routes.h"

#include <gmock/gmock.h>

#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeSource;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ModelRoutesTest : public testing::Test {
 protected:
  ModelRoutesTest() : routes_({Model("xray", "1"), Model("xray", "2")}) {}

  ModelHandle Model(const std::string& name, const std::string& version) {
    return *models_.Adopt(FakeSource(name, version));
  }
  ModelHandle Frames(const std::string& version) {
    ModelSource source = FakeSource("frames", version);
    source.manifest.set_modality(bundle::v1::MODALITY_ENDOSCOPY);
    return *models_.Adopt(std::move(source));
  }
  std::string Find(absl::string_view name, v1::Modality modality = v1::MODALITY_UNSPECIFIED) {
    const auto found = routes_.Find(name, modality);
    return found.ok() ? (*found)->id() : absl::StatusCodeToString(found.status().code());
  }

  Metrics metrics_;
  ModelTable models_{{}, Clock::Real(), metrics_};
  ModelRoutes routes_;
};

TEST_F(ModelRoutesTest, AliasesLeadToVersions) {
  EXPECT_EQ(Find("xray@stable"), "NOT_FOUND");
  ASSERT_THAT(routes_.SetAlias("xray", "stable", "1"), IsOk());
  EXPECT_EQ(Find("xray@stable"), "xray@1");
  EXPECT_THAT(routes_.AliasesOf(*routes_.FindId("xray@1")), ElementsAre("stable"));
  ASSERT_THAT(routes_.SetAlias("xray", "stable", "2"), IsOk());
  EXPECT_EQ(Find("xray@stable"), "xray@2");
  ASSERT_THAT(routes_.RemoveAlias("xray", "stable"), IsOk());
  EXPECT_EQ(Find("xray@stable"), "NOT_FOUND");
  EXPECT_THAT(routes_.RemoveAlias("xray", "stable"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ModelRoutesTest, AliasesAreNoVersions) {
  for (const char* alias : {"", "2", "1a", "a@b", "a b", "a/b", "-a"}) {
    EXPECT_THAT(routes_.SetAlias("xray", alias, "1"), StatusIs(absl::StatusCode::kInvalidArgument))
        << alias;
  }
  EXPECT_THAT(routes_.SetAlias("xray", std::string(33, 'a'), "1"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(routes_.SetAlias("xray", "stable", "3"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ModelRoutesTest, TheServingVersionCanBeChosen) {
  EXPECT_EQ(Find("xray"), "xray@2");
  ASSERT_THAT(routes_.SetServing("xray", "1"), IsOk());
  EXPECT_EQ(Find("xray"), "xray@1");
  EXPECT_THAT(routes_.SetServing("xray", "9"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ModelRoutesTest, LowerVersionsTakeNothingOver) {
  ASSERT_THAT(routes_.Add(Model("xray", "10"), false), IsOk());
  EXPECT_EQ(Find("xray"), "xray@10");
  ASSERT_THAT(routes_.Add(Model("xray", "9"), false), IsOk());
  EXPECT_EQ(Find("xray"), "xray@10");
}

TEST_F(ModelRoutesTest, DefaultsFollowTheirReference) {
  EXPECT_EQ(Find("", v1::MODALITY_CHEST_XRAY), "xray@1") << "configured first";
  ASSERT_THAT(routes_.SetDefault(v1::MODALITY_CHEST_XRAY, "xray"), IsOk());
  EXPECT_EQ(Find("", v1::MODALITY_CHEST_XRAY), "xray@2");
  EXPECT_EQ(Find("", v1::MODALITY_UNSPECIFIED), "xray@1");
  ASSERT_THAT(routes_.SetAlias("xray", "stable", "1"), IsOk());
  ASSERT_THAT(routes_.SetDefault(v1::MODALITY_CHEST_XRAY, "xray@stable"), IsOk());
  EXPECT_EQ(Find("", v1::MODALITY_CHEST_XRAY), "xray@1");
  EXPECT_THAT(routes_.RemoveAlias("xray", "stable"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(routes_.SetDefault(v1::MODALITY_ENDOSCOPY, "xray"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CHEST_XRAY")));
  EXPECT_THAT(routes_.SetDefault(v1::MODALITY_CHEST_XRAY, "nothing"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ModelRoutesTest, ANewModalityHasADefaultAndLosesIt) {
  EXPECT_EQ(Find("", v1::MODALITY_ENDOSCOPY), "NOT_FOUND");
  ASSERT_THAT(routes_.Add(Frames("1"), false), IsOk());
  EXPECT_EQ(Find("", v1::MODALITY_ENDOSCOPY), "frames@1");
  ASSERT_THAT(routes_.Add(Frames("2"), false), IsOk());
  EXPECT_EQ(Find("", v1::MODALITY_ENDOSCOPY), "frames@2");
  ASSERT_THAT(routes_.Remove("frames", "2", false), IsOk());
  EXPECT_EQ(Find("", v1::MODALITY_ENDOSCOPY), "frames@1");
  ASSERT_THAT(routes_.Remove("frames", "1", true), IsOk());
  EXPECT_EQ(Find("", v1::MODALITY_ENDOSCOPY), "NOT_FOUND");
}

TEST_F(ModelRoutesTest, WhatAnAliasStandsForStays) {
  ASSERT_THAT(routes_.SetAlias("xray", "stable", "2"), IsOk());
  EXPECT_THAT(routes_.Remove("xray", "2", false),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("stable")));
  ASSERT_THAT(routes_.Remove("xray", "2", true), IsOk());
  EXPECT_EQ(Find("xray@stable"), "NOT_FOUND");
  EXPECT_EQ(Find("xray"), "xray@1");
  EXPECT_THAT(routes_.Remove("xray", "2", true), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ModelRoutesTest, WhatADefaultNamesByVersionStays) {
  ASSERT_EQ(Find("", v1::MODALITY_CHEST_XRAY), "xray@1");
  ASSERT_THAT(routes_.SetServing("xray", "1"), IsOk());
  EXPECT_THAT(routes_.Remove("xray", "1", false),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("as xray@1")));
  EXPECT_EQ(Find("xray"), "xray@1") << "nothing has changed";
  ASSERT_THAT(routes_.Remove("xray", "1", true), IsOk());
  EXPECT_EQ(Find(""), "xray@2");
}

TEST_F(ModelRoutesTest, RollbackUndoesOneChangeAfterTheOther) {
  EXPECT_EQ(routes_.LastChange("xray"), nullptr) << "the configuration is no change";
  ASSERT_THAT(routes_.Add(Model("xray", "3"), false), IsOk());
  ASSERT_THAT(routes_.SetAlias("xray", "stable", "2"), IsOk());
  ASSERT_THAT(routes_.SetAlias("xray", "stable", "3"), IsOk());
  ASSERT_THAT(routes_.SetDefault(v1::MODALITY_CHEST_XRAY, "xray@stable"), IsOk());
  ASSERT_THAT(routes_.Rollback("xray"), IsOk());
  EXPECT_EQ(Find("", v1::MODALITY_CHEST_XRAY), "xray@1");
  ASSERT_THAT(routes_.Rollback("xray"), IsOk());
  EXPECT_EQ(Find("xray@stable"), "xray@2");
  ASSERT_THAT(routes_.Rollback("xray"), IsOk());
  EXPECT_EQ(Find("xray@stable"), "NOT_FOUND");
  ASSERT_THAT(routes_.Rollback("xray"), IsOk());
  EXPECT_EQ(Find("xray"), "xray@2");
  EXPECT_THAT(routes_.Rollback("xray"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(routes_.Rollback("nothing"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ModelRoutesTest, FailuresAreKeptUntilItWorks) {
  routes_.BeginLoading("xray@3");
  EXPECT_EQ(Find("xray@3"), "UNAVAILABLE");
  EXPECT_EQ(Find("xray"), "xray@2");
  routes_.EndLoading("xray@3", absl::InvalidArgumentError("why"));
  EXPECT_EQ(Find("xray@3"), "NOT_FOUND");
  EXPECT_EQ(routes_.failed().at("xray@3"), "why");
  routes_.EndLoading("xray@3", absl::OkStatus());
  EXPECT_THAT(routes_.failed(), IsEmpty());
}

}  // namespace
}  // namespace lingula
