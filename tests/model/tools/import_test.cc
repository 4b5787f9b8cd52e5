// From a checkpoint as Python writes it to an engine, at sizes that take no time.
#include "model/tools/import.h"

#include <filesystem>
#include <limits>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "model/backend/load_engine.h"
#include "model/backend/network_options.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/bundle/bundle.h"
#include "model/nets/bert.h"
#include "model/text/report_grammar.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/tools/python_checkpoint.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;
using test::IsOk;
using test::StateDict;
using test::StatusIs;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

void Shrink(bundle::v1::SgsegSpec& sgseg) {
  const std::vector<int> depths = {1, 1, 1, 1}, widths = {16, 24, 32, 48};
  for (int i = 0; i < 4; ++i) {
    sgseg.mutable_convnext()->set_depths(i, depths[i]);
    sgseg.mutable_convnext()->set_widths(i, widths[i]);
    sgseg.set_decoder_widths(i, 64 >> i);
  }
  sgseg.set_head_channels(4);
  sgseg.set_report_dim(16);
  if (sgseg.has_rtdetr()) {
    bundle::v1::RtDetr& rtdetr = *sgseg.mutable_rtdetr();
    rtdetr.set_backbone_width(0.25F);
    rtdetr.set_hidden(32);
    rtdetr.set_queries(20);
    rtdetr.set_layers(2);
    rtdetr.set_heads(4);
    rtdetr.set_feed_forward(32);
    rtdetr.set_classes(5);
  }
  bundle::v1::BertSpec& bert = *sgseg.mutable_text_encoder();
  bert.set_hidden(16);
  bert.set_heads(2);
  bert.set_layers(1);
  bert.set_feed_forward(32);
}

void Shrink(bundle::v1::ProlearnSpec& prolearn) {
  const std::vector<int> depths = {1, 1, 1, 1}, widths = {16, 24, 32, 48};
  for (int i = 0; i < 4; ++i) {
    prolearn.mutable_convnext()->set_depths(i, depths[i]);
    prolearn.mutable_convnext()->set_widths(i, widths[i]);
    prolearn.set_decoder_widths(i, 64 >> i);
  }
  prolearn.set_head_channels(4);
  prolearn.mutable_vit()->set_dim(32);
  prolearn.mutable_vit()->set_depth(2);
  prolearn.mutable_vit()->set_heads(4);
  prolearn.mutable_vit()->set_feed_forward(64);
  prolearn.set_query_dim(16);
  prolearn.set_response_dim(16);
}

Manifest Tiny(bundle::v1::Family family) {
  Manifest manifest = PublishedManifest(family);
  manifest.set_name("tiny");
  manifest.mutable_input()->set_side_px(64);
  manifest.set_license("CC0-1.0");
  manifest.set_notice("Research use only.");
  manifest.set_provenance("made by a test");
  // Weights by formula are steeper than trained ones, which bfloat16 feels.
  manifest.mutable_golden()->set_bf16_mean_abs(0.2F);
  manifest.mutable_golden()->set_bf16_zone_abs(0.5F);
  if (family == bundle::v1::FAMILY_PROLEARN) {
    Shrink(*manifest.mutable_prolearn());
  } else {
    Shrink(*manifest.mutable_sgseg());
  }
  return manifest;
}

// The network's state, named as a checkpoint names it.
StateDict StateFor(const Manifest& manifest) {
  const bool prolearn = manifest.family() == bundle::v1::FAMILY_PROLEARN;
  const Formula formula(Formula::kPublishedSalt,
                        prolearn ? FormulaFamily::kProLearn : FormulaFamily::kSgseg);
  StateDict state;
  const auto add = [&](torch::nn::Module& module, const std::string& prefix) {
    formula.Fill(module, prefix);
    for (const auto& [name, tensor] : StateOf(module)) {
      state[prefix + name] = tensor.detach().clone();
    }
  };
  if (prolearn) {
    Prolearn net(ProlearnOptionsFrom(manifest));
    add(*net, "model.");
  } else {
    Sgseg net(SgsegOptionsFrom(manifest));
    add(*net, "model.");
    Bert bert(BertOptionsFrom(manifest.sgseg().text_encoder()));
    add(*bert, "model.text_encoder.model.");
  }
  return state;
}

class ImportTest : public testing::TestWithParam<bundle::v1::Family> {
 protected:
  ImportTest() {
    options_.manifest = Tiny(GetParam());
    options_.out = folder_.path();
    options_.checkpoint = folder_.path() + "/x.ckpt";
    state_ = StateFor(options_.manifest);
  }
  absl::StatusOr<ImportReceipt> Import(bool lightning = true) {
    std::filesystem::remove(options_.checkpoint);
    test::WritePythonCheckpoint(options_.checkpoint, state_, lightning);
    return ImportBundle(options_, [](const std::string&) {});
  }
  bool prolearn() const { return GetParam() == bundle::v1::FAMILY_PROLEARN; }

  const test::TempFolder folder_;
  ImportOptions options_;
  StateDict state_;
};

TEST_P(ImportTest, TheBundleServesWhatTheCheckpointSays) {
  state_["model." + std::string(prolearn() ? "prototype.approx" : "encoder.project_head") +
         ".weight"] = torch::zeros({2, 2});
  const auto receipt = Import();
  ASSERT_THAT(receipt, IsOk());
  EXPECT_THAT(receipt->ignored, Contains(HasSubstr(prolearn() ? "approx" : "project_head")));
  const auto bundle = OpenBundle(receipt->folder);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(bundle->card,
              AllOf(HasSubstr("swapped, as the published code does"), HasSubstr("Not for")));
  const auto plain = PlainEngine(*bundle);  // what the golden file is made of
  const auto engine = LoadEngine(*bundle, {Precision::kFloat32, 2});
  ASSERT_THAT(plain, IsOk());
  ASSERT_THAT(engine, IsOk());
  const auto samples = GoldenSamples(*bundle).value();
  const Sample* const one[] = {&samples[1]};
  const auto expected = (*plain)->Predict(one).front().value();
  const auto served = (*engine)->Predict(one).front().value();
  for (size_t i = 0; i < expected.probabilities.size(); ++i) {
    ASSERT_NEAR(served.probabilities[i], expected.probabilities[i], 1e-4);
  }
  EXPECT_EQ(served.report, expected.report);
  EXPECT_EQ(served.prototypes.size(), prolearn() ? 3U : 0U);
}

TEST_P(ImportTest, BareStateDictsGiveTheSameBundle) {
  const auto first = Import(true);
  ASSERT_THAT(first, IsOk());
  const std::string digest = OpenBundle(first->folder)->weights_sha256;
  options_.manifest.set_version("2");
  const auto second = Import(false);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(OpenBundle(second->folder)->weights_sha256, digest);
}

TEST_P(ImportTest, NamesEveryTensorThatDoesNotFit) {
  state_.erase("model.out.conv.conv.bias");
  state_["model.decoder1.conv_block.bias"] = torch::zeros({3});
  state_["model.surprise"] = torch::zeros({1});
  EXPECT_THAT(Import(), StatusIs(kInvalid, AllOf(HasSubstr("out.conv.conv.bias"),
                                                 HasSubstr("decoder1.conv_block.bias"),
                                                 HasSubstr("model.surprise"))));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/tiny"));
}

TEST_P(ImportTest, RefusesWeightsThatAreNotFinite) {
  state_["model.out.conv.conv.bias"][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Import(), StatusIs(kInvalid, HasSubstr("model.out.conv.conv.bias")));
}

TEST_P(ImportTest, KeepsABundleThatIsThere) {
  ASSERT_THAT(Import(), IsOk());
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("version")));
}

INSTANTIATE_TEST_SUITE_P(Families, ImportTest,
                         testing::Values(bundle::v1::FAMILY_SGSEG, bundle::v1::FAMILY_PROLEARN,
                                         bundle::v1::FAMILY_LANGUIDE),
                         [](const auto& info) {
                           return bundle::v1::Family_Name(info.param).substr(7);
                         });

class PrototypeStoreTest : public ImportTest {};

TEST_P(PrototypeStoreTest, ReplacesThoseOfTheCheckpoint) {
  const auto store = torch::rand({6, 2, 32});
  options_.prototypes = folder_.path() + "/store.pkl";
  test::WritePythonCheckpoint(options_.prototypes, {{"matrix", store}}, false);
  const auto receipt = Import();
  ASSERT_THAT(receipt, IsOk());
  const auto bundle = OpenBundle(receipt->folder);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->manifest.prolearn().prototypes(), 2U);
  EXPECT_TRUE(ToTensor(*bundle->prototypes->Get("matrix"))->equal(store));
  EXPECT_THAT(LoadEngine(*bundle, {Precision::kFloat32, 1}), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Prolearn, PrototypeStoreTest,
                         testing::Values(bundle::v1::FAMILY_PROLEARN));

// A vocabulary with CXR-BERT's numbers for the words that the repository may hold.
std::string Vocabulary() {
  std::vector<std::string> lines;
  for (int i = 0; i < 30522; ++i) {
    lines.push_back(absl::StrCat("not committed ", i));
  }
  const std::string part = ReadFile("tests/golden/text/cxr_bert_vocab_part.tsv").value();
  for (const absl::string_view row : absl::StrSplit(part, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> columns = absl::StrSplit(row, '\t');
    lines.at(std::stoi(columns.first)) = columns.second;
  }
  return absl::StrJoin(lines, "\n") + "\n";
}

class FreeTextTest : public ImportTest {
 protected:
  FreeTextTest() {
    options_.vocabulary = folder_.path() + "/vocabulary";
    test::Put(options_.vocabulary, Vocabulary());
  }
};

TEST_P(FreeTextTest, GuidesBesideReportsOfTheGrammar) {
  const auto receipt = Import();
  ASSERT_THAT(receipt, IsOk());
  const auto bundle = OpenBundle(receipt->folder);
  ASSERT_THAT(bundle, IsOk());
  const auto engine = LoadEngine(*bundle, {Precision::kFloat32, 1});
  ASSERT_THAT(engine, IsOk());
  ASSERT_TRUE((*engine)->ReadsFreeText());
  std::vector<Sample> samples(4, GoldenSamples(*bundle)->front());
  for (Sample& sample : samples) {
    sample.guidance = GuidanceMode::kReport;
    sample.report = ZoneBits(0b000100);
  }
  samples[1].free_text = ReportFor(samples[0].report);  // the same words by the other way
  samples[2].free_text = "no infection in the upper right lung";
  samples[3].free_text = absl::StrCat(samples[2].free_text, std::string(3000, ','), "\xff\xfe");
  std::vector<const Sample*> batch;
  for (const Sample& sample : samples) {
    batch.push_back(&sample);
  }
  std::vector<Prediction> answers;
  for (auto& answer : (*engine)->Predict(batch)) {
    answers.push_back(std::move(answer).value());
  }
  const auto difference = [&](int a, int b) {
    double largest = 0;
    for (size_t i = 0; i < answers[a].probabilities.size(); ++i) {
      largest = std::max<double>(
          largest, std::abs(answers[a].probabilities[i] - answers[b].probabilities[i]));
    }
    return largest;
  };
  EXPECT_LE(difference(0, 1), 1e-5);
  EXPECT_GE(difference(1, 2), 1e-3);
  EXPECT_GE(difference(2, 3), 1e-3);
  EXPECT_EQ(answers[0].report, answers[1].report);
  EXPECT_EQ(answers[2].report, samples[2].free_text);
  EXPECT_FALSE(answers[2].report_truncated);
  EXPECT_TRUE(answers[3].report_truncated);
}

TEST_P(FreeTextTest, RefusesAVocabularyOfAnotherModel) {
  test::Put(options_.vocabulary, absl::StrReplaceAll(Vocabulary(), {{"\nlung\n", "\nlungx\n"}}));
  EXPECT_THAT(Import(), StatusIs(kInvalid, HasSubstr("otherwise than CXR-BERT")));
}

INSTANTIATE_TEST_SUITE_P(Families, FreeTextTest,
                         testing::Values(bundle::v1::FAMILY_SGSEG, bundle::v1::FAMILY_LANGUIDE),
                         [](const auto& info) {
                           return bundle::v1::Family_Name(info.param).substr(7);
                         });

}  // namespace
}  // namespace lingula
