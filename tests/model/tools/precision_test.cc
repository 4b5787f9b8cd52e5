// Low precision has to be measured before a manifest may choose it.
#include <gmock/gmock.h>

#include "model/backend/load_engine.h"
#include "model/bundle/bundle.h"
#include "model/tools/evaluate.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

class PrecisionTest : public testing::Test {
 protected:
  PrecisionTest() : bundle_(test::MakeBundle(folder_.path(), test::TinyManifest())) {
    for (const char* picture : {"synthetic0", "synthetic1"}) {
      DataRow row;
      row.image = std::string("tests/golden/preprocess/") + picture + ".png";
      rows_.push_back(row);  // nothing but the image is read
    }
  }
  static bool Has(const char* instructions) {
    return std::string(instructions) == "avx512bf16" ? __builtin_cpu_supports("avx512bf16") != 0
                                                     : __builtin_cpu_supports("avx512fp16") != 0;
  }

  const test::TempFolder folder_;
  const std::string bundle_;
  std::vector<DataRow> rows_;
};

TEST_F(PrecisionTest, IsNotedInManifestAndCard) {
  ASSERT_THAT(MeasurePrecision(bundle_, rows_, bundle::v1::ARITHMETIC_FLOAT32), IsOk());
  const auto bundle = OpenBundle(bundle_);  // digests are those of the new files
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->manifest.arithmetic(), bundle::v1::ARITHMETIC_FLOAT32);
  if (Has("avx512bf16")) {
    EXPECT_GT(bundle->manifest.bf16_dice(), 0.5F);
    EXPECT_LE(bundle->manifest.bf16_dice(), 1.0F);
    EXPECT_THAT(bundle->card, HasSubstr("| bfloat16 | 0.9"));
  } else {
    EXPECT_THAT(bundle->card, HasSubstr("| bfloat16 | not measured |"));
  }
}

TEST_F(PrecisionTest, WhatCannotBeMeasuredIsNotChosen) {
  if (Has("avx512fp16")) {
    GTEST_SKIP() << "this processor measures float16";
  }
  EXPECT_THAT(MeasurePrecision(bundle_, rows_, bundle::v1::ARITHMETIC_FLOAT16),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("keeps float32")));
  const auto bundle = OpenBundle(bundle_);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->manifest.arithmetic(), bundle::v1::ARITHMETIC_FLOAT32);
  EXPECT_EQ(DescribeEngine(bundle->manifest, {Precision::kAuto, 1}), "cpu float32");
}

TEST_F(PrecisionTest, NamesThePictureThatCannotBeRead) {
  if (!Has("avx512bf16")) {
    GTEST_SKIP() << "this processor measures nothing, so it reads nothing";
  }
  rows_[1].image = "nowhere.png";
  EXPECT_THAT(MeasurePrecision(bundle_, rows_, bundle::v1::ARITHMETIC_BFLOAT16),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere.png")));
}

}  // namespace
}  // namespace lingula
