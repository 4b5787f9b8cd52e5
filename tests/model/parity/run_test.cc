#include "model/parity/run.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/model/parity/made_folder.h"

namespace lingula::parity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Says that the stored x is zeros.
absl::Status IsZero(FileCheck& check) {
  check.CompareWithin("x", torch::zeros({3}), 1e-5);
  return absl::OkStatus();
}

absl::Status Throws(FileCheck& /*check*/) {
  throw std::runtime_error("first line\nsecond line");
}

absl::Status ComparesNothing(FileCheck& /*check*/) {
  return absl::OkStatus();
}

MATCHER_P2(FileIs, name, ok, "") {
  *result_listener << arg.file << ": " << arg.status;
  return arg.file == name && arg.ok() == ok;
}

class RunTest : public testing::Test {
 protected:
  RunTest() { made_.Tensors("a.safetensors", {{"x", torch::zeros({3})}}); }

  test::MadeFolder made_;
};

TEST_F(RunTest, EverythingAgrees) {
  made_.Text("README.md", "words");
  made_.Text("vocab.txt", "[PAD]");
  std::vector<std::string> seen;
  const auto results =
      RunChecks(made_.Open(), {{"a.safetensors", IsZero}, {"absent.safetensors", IsZero}}, {},
                [&](absl::string_view file, int done, int total) {
                  seen.push_back(absl::StrCat(std::string(file), " ", done, "/", total));
                });
  EXPECT_THAT(results, ElementsAre(FileIs("a.safetensors", true)));
  EXPECT_TRUE(AllOk(results));
  EXPECT_THAT(seen, ElementsAre("a.safetensors 0/1"));
  EXPECT_EQ(Summary(results), "1 of 1 files and 1 of 1 comparisons ok, 0 s");
}

TEST_F(RunTest, NothingIsNoSuccess) {
  EXPECT_FALSE(AllOk({}));
}

TEST_F(RunTest, MissingAndUnknownFilesFail) {
  made_.Tolerances({{"listed", {{"x", 1e-5}}}, {"unheard", {{"x", 1e-5}}}});
  made_.Text("notes.txt", "no golden file");
  made_.Text("cases.json", "{}");
  made_.Text("one.jsonl", "{}");
  made_.Tensors("net_other.safetensors", {{"x", torch::zeros({3})}});
  const auto results = RunChecks(made_.Open(), {{"a.safetensors", IsZero, "", "a.json"},
                                                {"one.jsonl", ComparesNothing, "texts"},
                                                {"two.jsonl", IsZero, "texts"},
                                                {"three.jsonl", IsZero, "elsewhere"},
                                                {"listed.safetensors", IsZero},
                                                {"net_*", IsZero},
                                                {"owner.safetensors", IsZero, "", "cases.json"},
                                                {"optional.safetensors", IsZero}});
  EXPECT_THAT(results,
              ElementsAre(FileIs("a.safetensors", false), FileIs("one.jsonl", false),
                          FileIs("two.jsonl", false), FileIs("listed.safetensors", false),
                          FileIs("net_other.safetensors", true), FileIs("owner.safetensors", false),
                          FileIs("unheard.safetensors", false)));
  EXPECT_THAT(std::string(results[0].status.message()), HasSubstr("a.json: no such file"));
  EXPECT_EQ(results[6].status.message(), "not checked: unknown");
  EXPECT_FALSE(AllOk(results));
}

TEST_F(RunTest, WhatACheckThrowsEndsWithItsFile) {
  const auto results = RunChecks(made_.Open(), {{"a.safetensors", Throws}});
  EXPECT_THAT(results, ElementsAre(FileIs("a.safetensors", false)));
  EXPECT_EQ(results[0].status.message(), "first line");
}

TEST_F(RunTest, AFileWithoutAComparisonFails) {
  made_.Text("b.jsonl", "{}");
  const auto results = RunChecks(made_.Open(), {{"b.jsonl", ComparesNothing}}, {"b.jsonl"});
  EXPECT_THAT(results, ElementsAre(FileIs("b.jsonl", false)));
}

TEST_F(RunTest, TableAndJsonNameTheCulprit) {
  made_.Tensors("a.safetensors",
                {{"x", torch::tensor({0.0F, 1e-3F, std::nanf("")})}, {"y", torch::zeros({2})}});
  const auto results = RunChecks(made_.Open(), {{"a.safetensors", IsZero}});
  const std::string table = Table(results);
  EXPECT_THAT(table, HasSubstr("a.safetensors  max |diff|  tolerance  FAIL"));
  EXPECT_THAT(table, HasSubstr("FAIL  not compared"));
  EXPECT_THAT(table, HasSubstr("0 of 1 files and 0 of 2 comparisons ok"));
  EXPECT_THAT(table, HasSubstr("FAIL: a.safetensors"));
  const auto json = nlohmann::json::parse(ToJson(results));
  EXPECT_FALSE(json["ok"].get<bool>());
  const auto& x = json["files"][0]["tensors"][0];
  EXPECT_EQ(x["name"], "x");
  EXPECT_TRUE(x["difference"].is_null());
  EXPECT_FALSE(x["ok"].get<bool>());
}

TEST(GoldenFolderTest, RefusesWhatIsNone) {
  EXPECT_FALSE(GoldenFolder::Open(testing::TempDir() + "/nowhere").ok());
  test::MadeFolder made;
  made.Text("tolerances.json", R"({"a": {"x": {"suggested_atol": "much"}}})");
  const auto folder = GoldenFolder::Open(made.path());
  ASSERT_FALSE(folder.ok());
  EXPECT_THAT(std::string(folder.status().message()), HasSubstr("a, x: no number"));
  made.Text("tolerances.json", "{");
  EXPECT_FALSE(GoldenFolder::Open(made.path()).ok());
}

// The table knows each file once, and the folder that we ship holds nothing that it does not know.
TEST(ChecksTest, KnowTheCommittedFiles) {
  std::set<std::string> others = {"README.md", "tolerances.json"};
  for (const Check& check : Checks()) {
    others.insert(check.companion);
  }
  const auto folder = GoldenFolder::Open("tests/golden/parity");
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_GT(folder->Listing().size(), 30);
  for (const std::string& name : folder->Listing()) {
    EXPECT_TRUE(others.count(name) > 0 || FindCheck(Checks(), name) != nullptr) << name;
    EXPECT_THAT(name, Not(HasSubstr("xray")));
  }
}

}  // namespace
}  // namespace lingula::parity
