#include "server/service/model_table.h"

#include <memory>
#include <thread>

#include <gmock/gmock.h>

#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeSource;
using test::IsOk;
using test::Sources;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

class ModelTableTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ModelTable>> Create(std::vector<ModelSource> sources) {
    return ModelTable::Create(std::move(sources), {}, Clock::Real(), metrics_);
  }

  Metrics metrics_;
};

TEST_F(ModelTableTest, FindsByNameVersionAndDefault) {
  ModelSource frames = FakeSource("frames", "1");
  frames.manifest.set_modality(bundle::v1::MODALITY_ENDOSCOPY);
  const auto table = Create(Sources(FakeSource("xray", "2"), FakeSource("xray", "10"),
                                    FakeSource("alpha", "1"), std::move(frames)));
  ASSERT_THAT(table, IsOk());
  const auto find = [&table](absl::string_view name, v1::Modality modality) -> std::string {
    const auto found = (*table)->Find(name, modality);
    return found.ok() ? (*found)->id() : found.status().ToString();
  };
  EXPECT_EQ(find("", v1::MODALITY_UNSPECIFIED), "xray@2") << "the first configured";
  EXPECT_EQ(find("", v1::MODALITY_CHEST_XRAY), "xray@2");
  EXPECT_EQ(find("", v1::MODALITY_ENDOSCOPY), "frames@1");
  EXPECT_EQ(find("xray", v1::MODALITY_UNSPECIFIED), "xray@10") << "versions are numbers";
  EXPECT_EQ(find("xray@2", v1::MODALITY_UNSPECIFIED), "xray@2");
  EXPECT_EQ(find("alpha", v1::MODALITY_ENDOSCOPY), "alpha@1") << "the caller checks the modality";
  const auto& models = (*table)->models();
  ASSERT_EQ(models.size(), 4U);
  EXPECT_EQ(models[0]->id(), "alpha@1");
  EXPECT_EQ(models[2]->id(), "xray@2");
  EXPECT_EQ(models[3]->id(), "xray@10");
  EXPECT_TRUE((*table)->IsDefault(*models[2]));
  EXPECT_FALSE((*table)->IsDefault(*models[3]));
}

TEST_F(ModelTableTest, UnknownNamesListWhatThereIs) {
  const auto table = Create(Sources(FakeSource("xray", "1")));
  ASSERT_THAT(table, IsOk());
  for (const char* name : {"nothing", "xray@2", "xray@", "@1", "XRAY"}) {
    EXPECT_THAT((*table)->Find(name, v1::MODALITY_UNSPECIFIED),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("loaded: xray@1")))
        << name;
  }
  EXPECT_THAT((*table)->Find("", v1::MODALITY_ENDOSCOPY),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("modality")));
}

TEST_F(ModelTableTest, RefusesWhatCannotBeServed) {
  EXPECT_THAT(Create({}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Create(Sources(FakeSource("a", "1"), FakeSource("a", "1"))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a@1 is given twice")));
  ModelSource contradictory = FakeSource("a", "1");
  contradictory.manifest.mutable_input()->set_side_px(64);
  EXPECT_THAT(
      Create(Sources(std::move(contradictory))),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("32 px"), HasSubstr("64 px"))));
}

TEST_F(ModelTableTest, InstancesOfAModelWorkSideBySide) {
  test::FakeEngine* engine = nullptr;
  ModelSource source = FakeSource("xray", "1", &engine);
  source.instances = 2;
  const auto table = Create(Sources(std::move(source)));
  ASSERT_THAT(table, IsOk());
  engine->Block();
  LoadedModel& model = *(*table)->models()[0];
  for (size_t batches = 1; batches <= 2; ++batches) {
    Task task;
    task.sample.pixels.assign(32 * 32, 0);
    task.done = [](const absl::StatusOr<Prediction>&, const BatchReceipt&) {};
    ASSERT_THAT(model.Push(model.Admit(Flow(), Instant::max()).ticket, task), IsOk());
    engine->WaitForBatches(batches);  // while the one before is still inside
  }
  engine->Release();
}

// Whoever follows the table needs no look of its own at the beginning, which would race with
// changes.
TEST_F(ModelTableTest, AListenerHearsOfWhatIsThereAlready) {
  const auto table = Create(Sources(FakeSource("xray", "1")));
  ASSERT_THAT(table, IsOk());
  int changes = 0;
  (*table)->Listen([&changes](ModelEvent event) { changes += event == ModelEvent::kChanged; });
  EXPECT_EQ(changes, 1);
  EXPECT_THAT((*table)->Change([](ModelRoutes&) { return absl::OkStatus(); }), IsOk());
  EXPECT_EQ(changes, 2);
  (*table)->Listen(nullptr);
}

TEST_F(ModelTableTest, AnIdleModelWantsCallersBackSoon) {
  const auto table = Create(Sources(FakeSource("xray", "1")));
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ((*table)->models()[0]->TimeToWorkOff(), std::chrono::microseconds(0));
}

}  // namespace
}  // namespace lingula
