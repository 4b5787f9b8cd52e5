#include "model/import/checkpoint_map.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/base/file.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

using absl::StatusCode;
using bundle::v1::FAMILY_LANGUIDE;
using bundle::v1::FAMILY_PROLEARN;
using bundle::v1::FAMILY_SGSEG;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// A list of the published state dict: key, type and shape a line.
ShapeMap Published(const std::string& family) {
  ShapeMap keys;
  const auto text = ReadFile("tests/golden/parity/" + family + ".keys");
  EXPECT_THAT(text, IsOk());
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    StoredShape& entry = keys[fields[0]];
    entry.dtype = fields[1] == "int64" ? DType::kI64 : DType::kF32;
    for (const absl::string_view size : absl::StrSplit(fields[2], ',', absl::SkipEmpty())) {
      entry.shape.emplace_back();
      EXPECT_TRUE(absl::SimpleAtoi(size, &entry.shape.back()));
    }
  }
  return keys;
}

// The names below, without their prefix, that start with none of `left_out`.
ShapeMap Without(const ShapeMap& published, const std::vector<std::string>& left_out) {
  ShapeMap network;
  for (const auto& [key, shape] : published) {
    const std::string name = key.substr(6);
    if (std::none_of(left_out.begin(), left_out.end(),
                     [&name](const std::string& start) { return absl::StartsWith(name, start); })) {
      network[name] = shape;
    }
  }
  return network;
}

const std::vector<std::string> kSgsegLeftOut = {
    "encoder.project_head",
    "text_encoder.project_head",
    "encoder.model.layernorm",
    "text_encoder.model.cls",
    "detector.model.rtdetr_decoder.dec_score_head",
    "detector.model.rtdetr_decoder.denoising_class_embed",
    "detector.model.rtdetr_decoder.dec_bbox_head.5"};
const std::vector<std::string> kProlearnLeftOut = {"text_encoder.",
                                                   "prototype.approx.",
                                                   "prototype.encoder.itm_head.",
                                                   "prototype.encoder.model.text.",
                                                   "prototype.encoder.model.logit_scale",
                                                   "vision_encoder.model.layernorm."};

TEST(CheckpointMapTest, PlansThePublishedSgseg) {
  const ShapeMap published = Published("sgseg");
  const auto plan = PlanKeys(FAMILY_SGSEG, published, Without(published, kSgsegLeftOut), true);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->wanted.size(), 1406U);
  EXPECT_EQ(plan->ignored.size(), 49U);
  EXPECT_EQ(plan->positions.size(), 6U);
  EXPECT_THAT(plan->positions, Each(EndsWith("_pos.pe")));
  EXPECT_EQ(plan->wanted.at("out.conv.conv.weight"), "model.out.conv.conv.weight");
  EXPECT_THAT(plan->ignored, Contains("model.text_encoder.model.bert.embeddings.position_ids"));
  EXPECT_THAT(plan->ignored, Not(Contains(HasSubstr("num_batches_tracked"))));
}

TEST(CheckpointMapTest, LeavesTheTextTowerBehindWhenNobodyWantsIt) {
  const ShapeMap published = Published("sgseg");
  std::vector<std::string> left_out = kSgsegLeftOut;
  left_out.push_back("text_encoder.");
  const ShapeMap network = Without(published, left_out);
  const auto plan = PlanKeys(FAMILY_SGSEG, published, network, false);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->wanted.size(), 1406U - 197U);
  EXPECT_THAT(PlanKeys(FAMILY_SGSEG, published, network, true),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("unknown (197)")));
}

TEST(CheckpointMapTest, PlansThePublishedLanguide) {
  const ShapeMap published = Published("languide");
  const ShapeMap network = Without(published, kSgsegLeftOut);
  const auto plan = PlanKeys(FAMILY_LANGUIDE, published, network, true);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->wanted.size(), 481U);
  EXPECT_EQ(plan->ignored.size(), 30U);
  // It has no detector, and one is not overlooked.
  EXPECT_THAT(PlanKeys(FAMILY_LANGUIDE, Published("sgseg"), network, true),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("FAMILY_LANGUIDE"), HasSubstr("model.detector.agg.query"),
                             HasSubstr("denoising_class_embed"))));
}

TEST(CheckpointMapTest, PlansThePublishedProlearn) {
  const ShapeMap published = Published("prolearn");
  const ShapeMap network = Without(published, kProlearnLeftOut);
  const auto plan = PlanKeys(FAMILY_PROLEARN, published, network, false);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->wanted.size(), 556U);
  EXPECT_EQ(plan->ignored.size(), 606U);
  EXPECT_EQ(plan->positions.size(), 30U);
  EXPECT_EQ(plan->wanted.at("prototype.matrix"), "model.prototype.matrix");
}

ShapeMap Small(const std::string& prefix) {
  return {{prefix + "out.weight", {DType::kF32, {2, 3}}},
          {prefix + "out.scale", {DType::kF32, {}}},
          {prefix + "bn.num_batches_tracked", {DType::kI64, {}}}};
}

TEST(CheckpointMapTest, UnderstandsTheInnerModulesOwnStateDict) {
  const auto plan = PlanKeys(FAMILY_SGSEG, Small(""), Small(""), false);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->wanted.at("out.weight"), "out.weight");
}

TEST(CheckpointMapTest, TakesAnyFloatingPointTypeButNoOther) {
  ShapeMap half = Small("model.");
  half["model.out.weight"].dtype = DType::kF16;
  EXPECT_THAT(PlanKeys(FAMILY_SGSEG, half, Small(""), false), IsOk());
  half["model.out.weight"].dtype = DType::kI32;
  EXPECT_THAT(PlanKeys(FAMILY_SGSEG, half, Small(""), false),
              StatusIs(StatusCode::kInvalidArgument,
                       HasSubstr("model.out.weight: I32 [2, 3] instead of F32 [2, 3]")));
}

TEST(CheckpointMapTest, NeedsNoPositionCodesButTheyMustFit) {
  ShapeMap network = Small("");
  network["vis_pos.pe"] = {DType::kF32, {1, 9, 4}};
  EXPECT_THAT(PlanKeys(FAMILY_SGSEG, Small("model."), network, false), IsOk());
  ShapeMap checkpoint = Small("model.");
  checkpoint["model.vis_pos.pe"] = {DType::kF32, {1, 9, 4}};
  const auto plan = PlanKeys(FAMILY_SGSEG, checkpoint, network, false);
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->positions, ElementsAre("model.vis_pos.pe"));
  EXPECT_EQ(plan->wanted.count("vis_pos.pe"), 0U);
  checkpoint["model.vis_pos.pe"].shape = {1, 9, 6};
  EXPECT_THAT(PlanKeys(FAMILY_SGSEG, checkpoint, network, false),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("model.vis_pos.pe: F32 [1, 9, 6]")));
}

TEST(CheckpointMapTest, NamesEveryFaultAtOnce) {
  ShapeMap checkpoint = Small("model.");
  checkpoint.erase("model.out.scale");
  checkpoint.erase("model.bn.num_batches_tracked");
  checkpoint["model.out.weight"].shape = {3, 2};
  checkpoint["model.extra"] = {DType::kF32, {7}};
  checkpoint["extra"] = {DType::kF32, {8}};
  checkpoint["model.text_encoder.old\x1b"] = {DType::kF32, {9}};
  EXPECT_THAT(
      PlanKeys(FAMILY_SGSEG, checkpoint, Small(""), true),
      StatusIs(StatusCode::kInvalidArgument,
               AllOf(HasSubstr("missing (2):\n  model.bn.num_batches_tracked\n  model.out.scale"),
                     HasSubstr("unknown (3):\n  extra: F32 [8]\n  model.extra: F32 [7]\n"
                               "  model.text_encoder.old\\x1b: F32 [9]"),
                     HasSubstr("of another shape or kind (1):\n"
                               "  model.out.weight: F32 [3, 2] instead of F32 [2, 3]"))));
}

TEST(CheckpointMapTest, RefusesAFamilyWithoutCheckpoints) {
  EXPECT_THAT(PlanKeys(bundle::v1::FAMILY_UNSPECIFIED, {}, {}, false),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("FAMILY_PROLEARN")));
}

// A plain pickle of one tensor "a.pe" with these values, and of its shape.
std::string PositionFile(const std::string& shape, const std::vector<float>& values,
                         const std::string& key = "a.pe") {
  std::string block(8, '\0');
  block[0] = static_cast<char>(values.size());
  block.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  const std::string count(1, static_cast<char>(values.size()));
  const std::string name = std::string(1, static_cast<char>(key.size())) + key;
  return std::string("\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.M\xe9\x03.}.") + "}U" + name +
         "ctorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nFloatStorage\nU\x01"
         "0U\x03"
         "cpuK" +
         count + "NtQK" + std::string(1, '\0') + shape +
         "tRs.]U\x01"
         "0a." +
         block;
}

TEST(CheckPositionsTest, ComparesWithSinesAndCosines) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/f";
  // Two positions of four channels: frequencies 1 and 1 / 100.
  std::vector<float> code = {0, 1, 0, 1, 0.841471F, 0.540302F, 0.0099998F, 0.99995F};
  const std::string shape = "(K\x01K\x02K\x04t(K\x08K\x04K\x01t";
  test::Put(path, PositionFile(shape, code));
  auto file = Checkpoint::Open(path);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(CheckPositions(*file, {"a.pe"}), IsOk());
  EXPECT_THAT(CheckPositions(*file, {"b.pe"}), StatusIs(StatusCode::kNotFound));
  code[6] = 0.02F;
  test::Put(path, PositionFile(shape, code));
  file = Checkpoint::Open(path);
  EXPECT_THAT(CheckPositions(*file, {"a.pe"}),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"a.pe\""), HasSubstr("differs by 0.01"))));
  code[6] = NAN;
  test::Put(path, PositionFile(shape, code));
  file = Checkpoint::Open(path);
  EXPECT_THAT(CheckPositions(*file, {"a.pe"}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("differs by nan")));
  test::Put(path, PositionFile("(K\x02K\x04t(K\x04K\x01t", code));
  file = Checkpoint::Open(path);
  EXPECT_THAT(CheckPositions(*file, {"a.pe"}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("[2, 4] instead of")));
}

}  // namespace
}  // namespace lingula
