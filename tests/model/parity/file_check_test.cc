#include "model/parity/file_check.h"

#include <limits>

#include <gmock/gmock.h>

#include "tests/model/parity/made_folder.h"

namespace lingula::parity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

MATCHER_P2(RowIs, name, ok, "") {
  *result_listener << arg.name << " " << arg.difference << " of " << arg.tolerance << " "
                   << arg.note;
  return arg.name == name && arg.ok() == ok;
}

class FileCheckTest : public testing::Test {
 protected:
  // A file "a.safetensors" with these tensors, under check.
  FileCheck& Open(const std::map<std::string, torch::Tensor>& tensors,
                  const std::map<std::string, double>& tolerances,
                  const std::map<std::string, std::string>& metadata = {}) {
    made_.Tolerances({{"a", tolerances}});
    made_.Tensors("a.safetensors", tensors, metadata);
    folder_.emplace(made_.Open());
    check_.emplace(FileCheck::Open(*folder_, "a.safetensors").value());
    return *check_;
  }

  test::MadeFolder made_;
  std::optional<GoldenFolder> folder_;
  std::optional<FileCheck> check_;
  const torch::Tensor x_ = torch::linspace(-1, 1, 1000).view({2, 500});
};

TEST_F(FileCheckTest, OneValueDecides) {
  FileCheck& check = Open({{"x", x_}}, {{"x", 1e-5}});
  auto off = x_.clone();
  off[1][123] += 0.9e-5;
  check.Compare("x", off);
  off[1][123] += 0.9e-5;
  check.Compare("x", off, "served");
  off[1][123] = std::numeric_limits<float>::quiet_NaN();
  check.Compare("x", off);
  check.Compare("x", x_.view({500, 2}));
  check.Finish();
  EXPECT_THAT(check.rows(), ElementsAre(RowIs("x", true), RowIs("x (served)", false),
                                        RowIs("x", false), RowIs("x", false)));
  EXPECT_THAT(check.rows()[3].note, HasSubstr("shape 500,2 instead of 2,500"));
}

TEST_F(FileCheckTest, InfinityNeverAgrees) {
  auto infinite = x_.clone();
  infinite[0][0] = std::numeric_limits<float>::infinity();
  FileCheck& check = Open({{"x", infinite}}, {{"x", 1e-5}});
  check.Compare("x", infinite);
  EXPECT_THAT(check.rows(), ElementsAre(RowIs("x", false)));
}

// An approximate GELU moves a mask by no more than 2.6e-4: what we ship must see that.
TEST(CommittedFilesTest, SeeWhatAnApproximateGeluDoes) {
  const auto folder = GoldenFolder::Open("tests/golden/parity").value();
  for (const std::string file : {"sgseg_synthetic", "languide_synthetic", "prolearn_synthetic"}) {
    auto check = FileCheck::Open(folder, file + ".safetensors").value();
    for (const std::string name : {"probabilities", "logits"}) {
      auto moved = check.Input(name).value();
      check.Compare(name, moved);
      EXPECT_TRUE(check.rows().back().ok()) << file << " " << name;
      moved.view(-1)[4321] += 2.6e-4;
      check.Compare(name, moved);
      EXPECT_FALSE(check.rows().back().ok()) << file << " " << name;
    }
  }
}

// A value that the sample leaves out is caught by the statistics: here the largest of all.
TEST_F(FileCheckTest, SampleAndStatistics) {
  const auto all = x_.view(-1).to(torch::kFloat64);
  const auto stats = torch::stack({all.mean(), all.std(false), all.norm(), all.min(), all.max()});
  FileCheck& check =
      Open({{"x.sample", x_.view(-1).slice(0, 0, 1000, 7).contiguous()}, {"x.stats", stats}},
           {{"x", 1e-5}}, {{"x.stride", "7"}, {"x.shape", "2,500"}});
  check.Compare("x", x_);
  auto off = x_.clone();
  off[1][499] += 2e-5;  // 999 is no multiple of 7
  check.Compare("x", off);
  check.Compare("x", x_.view(-1));
  EXPECT_THAT(check.rows(),
              ElementsAre(RowIs("x.sample", true), RowIs("x.stats", true), RowIs("x.sample", true),
                          RowIs("x.stats", false), RowIs("x", false)));
}

TEST_F(FileCheckTest, WhatNobodyComparedFails) {
  FileCheck& check = Open({{"input", x_}, {"read_only", x_}, {"forgotten", x_}, {"x", x_}},
                          {{"x", 1e-5}, {"read_only", 1e-5}, {"not_there", 1e-5}});
  ASSERT_TRUE(check.Input("input").ok());
  ASSERT_TRUE(check.Input("read_only").ok());
  check.Compare("x", x_);
  check.Finish();
  EXPECT_THAT(check.rows(), ElementsAre(RowIs("x", true), RowIs("forgotten", false),
                                        RowIs("not_there", false), RowIs("read_only", false)));
  check.Compare("input", x_);
  EXPECT_THAT(check.rows().back(), RowIs("input", false));
  EXPECT_THAT(check.rows().back().note, HasSubstr("tolerances.json does not list it"));
  check.Compare("not_there", x_);
  EXPECT_THAT(check.rows().back().note, HasSubstr("not_there"));
}

TEST_F(FileCheckTest, SaltsAreRead) {
  FileCheck& check = Open({{"x", x_}}, {}, {{"salt", "0x4C696E67756C6136"}});
  const auto other = check.MakeFormula();
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(other->Make("k", {4}).equal(Formula(0x4C696E67756C6136).Make("k", {4})));
  EXPECT_FALSE(other->Make("k", {4}).equal(Formula().Make("k", {4})));
  ASSERT_TRUE(folder_->Salt().ok());
  made_.Tensors("b.safetensors", {{"x", x_}}, {{"salt", "0x01"}});
  EXPECT_THAT(std::string(folder_->Salt().status().message()), HasSubstr("differ in salt"));
}

}  // namespace
}  // namespace lingula::parity
