#include "server/service/model_lifecycle.h"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "model/engine/golden_run.h"
#include "server/service/model_status.h"
#include "tests/server/service/fake_repository.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeSource;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ModelLifecycleTest : public testing::Test {
 protected:
  using Answer = std::future<absl::StatusOr<std::string>>;

  ModelLifecycleTest() {
    for (const char* version : {"1", "2", "3"}) {
      repository_.Put("xray", version);
    }
    models_ =
        *ModelTable::Create(test::Sources(FakeSource("xray", "1")), {}, Clock::Real(), metrics_);
    lifecycle_ =
        std::make_unique<ModelLifecycle>(ModelLifecycle::Options{repository_.folder(), {}, {}},
                                         repository_.supply(), *models_, Clock::Real(), metrics_);
  }
  ~ModelLifecycleTest() override { repository_.Release(); }

  // The id of the model, or why not.
  static std::pair<ModelLifecycle::Done, Answer> Ticket() {
    auto promise = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
    Answer answer = promise->get_future();
    return {[promise](const absl::StatusOr<ModelHandle>& model) {
              promise->set_value(model.ok() ? absl::StatusOr<std::string>((*model)->id())
                                            : model.status());
            },
            std::move(answer)};
  }
  absl::StatusOr<std::string> Load(const std::string& version, bool hold_back = false) {
    auto [done, answer] = Ticket();
    lifecycle_->Load("xray", version, hold_back, std::move(done));
    return answer.get();
  }
  absl::StatusOr<std::string> Rollback() {
    auto [done, answer] = Ticket();
    lifecycle_->Rollback("xray", std::move(done));
    return answer.get();
  }
  absl::Status Look() {
    std::promise<absl::Status> seen;
    lifecycle_->Look(
        [&seen](const absl::StatusOr<ModelHandle>& outcome) { seen.set_value(outcome.status()); });
    return seen.get_future().get();
  }
  std::string Serving() const {
    const auto model = models_->Find("", v1::MODALITY_CHEST_XRAY);
    return model.ok() ? (*model)->id() : model.status().ToString();
  }
  std::string States() const {
    std::string text;
    const auto all = StatusOfAll(*models_, "");
    for (const v1::ModelStatus& status : all.models()) {
      absl::StrAppend(&text, ModelId(status.name(), status.version()), " ",
                      StateName(status.state()), status.held_back() ? " held back" : "", "; ");
    }
    return text;
  }

  test::FakeRepository repository_;
  Metrics metrics_;
  std::unique_ptr<ModelTable> models_;
  std::unique_ptr<ModelLifecycle> lifecycle_;
};

TEST_F(ModelLifecycleTest, ALoadedVersionTakesNameAndDefaultOver) {
  EXPECT_EQ(Serving(), "xray@1");
  EXPECT_THAT(Load("2"), test::IsOkAndHolds("xray@2"));
  EXPECT_EQ(Serving(), "xray@2");
  EXPECT_EQ(States(), "xray@1 serving; xray@2 serving; ");
  EXPECT_THAT(Load("2"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(R"(lingula_model_loads_total{code="OK",model="xray@2"} 1)"));
}

TEST_F(ModelLifecycleTest, NoVersionMeansTheHighest) {
  EXPECT_THAT(Load(""), test::IsOkAndHolds("xray@3"));
}

TEST_F(ModelLifecycleTest, AVersionHeldBackLeavesNamesWhereTheyAre) {
  EXPECT_THAT(Load("2", /*hold_back=*/true), IsOk());
  EXPECT_EQ(Serving(), "xray@1");
  EXPECT_THAT(models_->Find("xray@2", v1::MODALITY_UNSPECIFIED), IsOk());
  EXPECT_EQ(States(), "xray@1 serving; xray@2 serving held back; ");
}

TEST_F(ModelLifecycleTest, ARefusedBundleChangesNothingAndSaysWhy) {
  repository_.Break("xray@2",
                    absl::InvalidArgumentError("weights.safetensors: tensor conv.weight"));
  const auto refused = Load("2");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument,
                                AllOf(HasSubstr("tensor conv.weight"),
                                      Not(HasSubstr(repository_.folder())))));
  EXPECT_EQ(Serving(), "xray@1");
  EXPECT_EQ(States(), "xray@1 serving; xray@2 failed; ");
  repository_.Break("xray@2", absl::OkStatus());
  EXPECT_THAT(Load("2"), IsOk());
  EXPECT_EQ(States(), "xray@1 serving; xray@2 serving; ");
}

TEST_F(ModelLifecycleTest, AFailedGoldenRunIsToldApart) {
  const auto counts = [](int version, int passed, int failed) {
    const std::string start =
        absl::StrCat("lingula_golden_runs_total{model=\"xray@", version, "\",outcome=");
    return AllOf(HasSubstr(absl::StrCat(start, "\"passed\"} ", passed)),
                 HasSubstr(absl::StrCat(start, "\"failed\"} ", failed)));
  };
  EXPECT_THAT(metrics_.Text(), counts(1, 1, 0)) << "what was there at the start";
  repository_.Break("xray@2", absl::InvalidArgumentError("half a file"));
  EXPECT_FALSE(Load("2").ok());
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("lingula_golden_runs_total{model=\"xray@2\"")));
  repository_.Break("xray@2", GoldenRunFailed("off by 0.2"));
  EXPECT_THAT(Load("2"), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0.2")));
  EXPECT_THAT(metrics_.Text(), counts(2, 0, 1));
  repository_.Break("xray@2", absl::OkStatus());
  EXPECT_THAT(Load("2"), IsOk());
  EXPECT_THAT(metrics_.Text(), counts(2, 1, 1));
}

TEST_F(ModelLifecycleTest, WhatWasRefusedAtTheStartIsShown) {
  ModelSupply supply = repository_.supply();
  const std::string folder = absl::StrCat(repository_.folder(), "/xray/3");
  supply.refused.push_back({folder, GoldenRunFailed(absl::StrCat(folder, "/weights: off"))});
  const ModelLifecycle lifecycle({repository_.folder(), {}, {}}, std::move(supply), *models_,
                                 Clock::Real(), metrics_);
  EXPECT_EQ(States(), "xray@1 serving; xray@3 failed; ");
  EXPECT_EQ(StatusOfAll(*models_, "").models(1).reason(), "weights: off");
  EXPECT_THAT(
      metrics_.Text(),
      AllOf(HasSubstr(R"(lingula_model_loads_total{code="FAILED_PRECONDITION",model="xray@3"} 1)"),
            HasSubstr(R"(lingula_golden_runs_total{model="xray@3",outcome="failed"} 1)")));
}

TEST_F(ModelLifecycleTest, OnlyTheRepositoryIsLoadedFrom) {
  for (const char* version : {"4", "../1", "/etc", "01"}) {
    EXPECT_THAT(Load(version),
                StatusIs(absl::StatusCode::kNotFound, Not(HasSubstr(repository_.folder()))))
        << version;
  }
  EXPECT_EQ(repository_.loads(), 0);
}

TEST_F(ModelLifecycleTest, AReplacedCopyLivesUntilItsLastHandleIsGone) {
  ModelHandle old = *models_->Find("xray", v1::MODALITY_UNSPECIFIED);
  auto [done, answer] = Ticket();
  lifecycle_->Reload("xray", "", std::move(done));
  EXPECT_THAT(answer.get(), test::IsOkAndHolds("xray@1"));
  EXPECT_NE(*models_->Find("xray", v1::MODALITY_UNSPECIFIED), old);
  EXPECT_EQ(States(), "xray@1 serving; xray@1 draining; ");
  std::promise<void> gone;
  models_->Listen([&gone](ModelEvent event) {
    if (event == ModelEvent::kGone) {
      gone.set_value();
    }
  });
  old.reset();
  gone.get_future().wait();
  EXPECT_EQ(States(), "xray@1 serving; ");
  models_->Listen(nullptr);
}

TEST_F(ModelLifecycleTest, LoadingIsSaidAndBlocksNobody) {
  repository_.Put("new", "1");
  repository_.Hold();
  auto [done, answer] = Ticket();
  lifecycle_->Load("new", "", false, std::move(done));
  repository_.WaitForLoads(1);
  EXPECT_EQ(States(), "new@1 loading; xray@1 serving; ");
  EXPECT_THAT(models_->Find("new", v1::MODALITY_UNSPECIFIED),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("being loaded")));
  EXPECT_THAT(
      models_->Change([](ModelRoutes& routes) { return routes.SetAlias("xray", "stable", "1"); }),
      IsOk());
  repository_.Release();
  EXPECT_THAT(answer.get(), IsOk());
  EXPECT_THAT(models_->Find("new", v1::MODALITY_UNSPECIFIED), IsOk());
}

TEST_F(ModelLifecycleTest, RollbackUndoesATakeover) {
  ASSERT_THAT(Load("2"), IsOk());
  EXPECT_THAT(Rollback(), test::IsOkAndHolds("xray@1"));
  EXPECT_EQ(Serving(), "xray@1");
  EXPECT_THAT(Rollback(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ModelLifecycleTest, RollbackLoadsWhatIsGone) {
  ASSERT_THAT(Load("2"), IsOk());
  ASSERT_THAT(lifecycle_->Unload("xray", "1", false), IsOk());
  EXPECT_THAT(Rollback(), test::IsOkAndHolds("xray@1"));
  EXPECT_EQ(Serving(), "xray@1");
  EXPECT_EQ(States(), "xray@1 serving; xray@2 serving; ");
}

TEST_F(ModelLifecycleTest, UnloadPassesTheNameOn) {
  ASSERT_THAT(Load("2"), IsOk());
  EXPECT_THAT(lifecycle_->Unload("xray", "2", false), IsOk());
  EXPECT_EQ(Serving(), "xray@1");
  EXPECT_THAT(lifecycle_->Unload("xray", "1", false),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("default")));
  EXPECT_THAT(lifecycle_->Unload("xray", "1", true), IsOk());
  EXPECT_THAT(models_->Find("", v1::MODALITY_CHEST_XRAY), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ModelLifecycleTest, AVersionThatAppearsTakesOverAndTheOldOneGoes) {
  EXPECT_THAT(Look(), IsOk());
  EXPECT_EQ(Serving(), "xray@1") << "it may still be copied";
  EXPECT_THAT(Look(), IsOk());
  EXPECT_EQ(States(), "xray@3 serving; ");
  repository_.Put("xray", "4");
  repository_.Break("xray@4", absl::InvalidArgumentError("half a file"));
  EXPECT_THAT(Look(), IsOk());
  EXPECT_THAT(Look(), IsOk());
  EXPECT_THAT(Look(), IsOk());
  EXPECT_EQ(repository_.loads(), 2) << "tried once";
  EXPECT_EQ(States(), "xray@3 serving; xray@4 failed; ");
  repository_.Break("xray@4", absl::OkStatus());
  repository_.Put("xray", "4", "and the other half");
  EXPECT_THAT(Look(), IsOk());
  EXPECT_THAT(Look(), IsOk());
  EXPECT_EQ(States(), "xray@4 serving; ");
  repository_.Take("xray", "4");
  EXPECT_THAT(Look(), IsOk());
  EXPECT_THAT(Look(), IsOk());
  EXPECT_EQ(States(), "xray@3 serving; ");
}

TEST_F(ModelLifecycleTest, ARepositoryThatVanishesTakesNothingAlong) {
  std::filesystem::remove_all(repository_.folder());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Look(), StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_EQ(States(), "xray@1 serving; ");
}

TEST_F(ModelLifecycleTest, WhoeverLooksFindsAModelThatWorks) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([this, &stop] {
      while (!stop) {
        const auto model = models_->Find("xray", v1::MODALITY_UNSPECIFIED);
        ASSERT_THAT(model, IsOk());
        EXPECT_EQ((*model)->engine().side_px(), 32);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Load("2"), IsOk());
    EXPECT_THAT(lifecycle_->Unload("xray", "1", false), IsOk());
    EXPECT_THAT(Load("1"), IsOk());
    EXPECT_THAT(lifecycle_->Unload("xray", "2", false), IsOk());
  }
  stop = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
}

TEST_F(ModelLifecycleTest, StoppingAnswersWhatWaits) {
  repository_.Hold();
  auto [done, running] = Ticket();
  lifecycle_->Load("xray", "2", false, std::move(done));
  repository_.WaitForLoads(1);
  auto [waiting_done, waiting] = Ticket();
  lifecycle_->Load("xray", "3", false, std::move(waiting_done));
  std::thread stop([this] { lifecycle_->Stop(); });
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kUnavailable));
  repository_.Release();
  EXPECT_THAT(running.get(), test::IsOkAndHolds("xray@2"));
  stop.join();
  EXPECT_THAT(Load("3"), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace lingula
