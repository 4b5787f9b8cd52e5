// `lingula segment`: masks in every form, and masks to compare with.
#include <filesystem>

#include <gmock/gmock.h>

#include "client/references.h"
#include "tests/client/command_test.h"
#include "tests/client/fake_server.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class SegmentFilesTest : public test::CommandTest {
 protected:
  void SetUp() override {
    Put("a.jpg", "bytes of a");
    Put("b.jpg", "bytes of b");
  }

  std::string Written(const std::string& name) const { return test::Content(At(name)); }
  int Segment(std::vector<std::string> words) {
    words.insert(words.begin(), {"segment", "--server", server_.target()});
    return Run(words);
  }
  void AnswerWithOverlap(float dice, uint64_t true_positives, uint64_t false_ones) {
    v1::SegmentResponse answer;
    v1::Overlap& overlap = *answer.mutable_overlap();
    overlap.set_dice(dice);
    overlap.set_jaccard(0.25F);
    overlap.set_hausdorff95_px(4.25F);
    overlap.set_true_positive_pixels(true_positives);
    overlap.set_false_positive_pixels(false_ones);
    server_.Answer(answer);
  }

  test::FakeServer server_;
};

TEST_F(SegmentFilesTest, WritesEveryFormAskedFor) {
  EXPECT_EQ(Segment({"--out", At("out"), "--form", "rle,polygons,packed-bits", At("a.jpg")}), 0)
      << err_.str();
  EXPECT_THAT(
      server_.requests().at(0).mask_formats(),
      ElementsAre(v1::MASK_FORMAT_COCO_RLE, v1::MASK_FORMAT_PACKED_BITS, v1::MASK_FORMAT_POLYGONS));
  EXPECT_EQ(Written("out/a.rle.json"), "{\"size\":[2,3],\"counts\":\"abc\"}\n");
  EXPECT_THAT(Written("out/a.polygons.json"), HasSubstr("\"xy\":[7]"));
  EXPECT_FALSE(fs::exists(At("out/a.mask.png")));
  const std::string bits = Written("out/a.bits.npy");
  EXPECT_THAT(bits, AllOf(SizeIs(128 + 2), StartsWith("\x93NUMPY\x01"), EndsWith(" \nab"),
                          HasSubstr("'descr': '|u1'"), HasSubstr("'shape': (2, 1)")));
}

TEST_F(SegmentFilesTest, ProbabilitiesAreNumpyArrays) {
  EXPECT_EQ(Segment({"--out", At("out"), "--form", "probabilities", "--form",
                     "probabilities-float32", "--form", "png", At("a.jpg")}),
            0)
      << err_.str();
  const std::string bytes = Written("out/a.probabilities.npy");
  ASSERT_THAT(bytes, SizeIs(128 + 6));
  EXPECT_EQ(bytes[8] + 256 * bytes[9], 128 - 10);  // length of the header behind these
  EXPECT_THAT(bytes, AllOf(HasSubstr("'|u1', 'fortran_order': False, 'shape': (2, 3), }"),
                           EndsWith("\nabcdef")));
  EXPECT_THAT(Written("out/a.probabilities-float32.npy"),
              AllOf(SizeIs(128 + 24), HasSubstr("'<f4'")));
  EXPECT_EQ(Written("out/a.mask.png"), "the mask");
}

TEST_F(SegmentFilesTest, TheJsonHoldsFormsThatAreText) {
  EXPECT_EQ(Segment({"--json", "--form", "polygons,rle", At("a.jpg")}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\"xy\":[7]"), HasSubstr("\"counts\":\"abc\"")));
  EXPECT_EQ(Segment({"--json", "--form", "probabilities", "--out", At("out"), At("a.jpg")}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("a.probabilities.npy\"]"), Not(HasSubstr("YWJj"))));
  // --rle is for the JSON alone.
  EXPECT_EQ(Segment({"--json", "--rle", "--out", At("rle"), At("a.jpg")}), 0);
  EXPECT_FALSE(fs::exists(At("rle/a.rle.json")));
}

TEST_F(SegmentFilesTest, AFormNeedsSomewhereToGo) {
  EXPECT_EQ(Segment({"--form", "polygons", At("a.jpg")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--out DIR"));
  EXPECT_EQ(Segment({"--json", "--form", "packed-bits", At("a.jpg")}), 2);
  EXPECT_EQ(Segment({"--out", At("out"), "--form", "bits", At("a.jpg")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--form"));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(SegmentFilesTest, ComparesWithAReference) {
  Put("true.png", "a mask");
  AnswerWithOverlap(0.5F, 10, 20);
  EXPECT_EQ(Segment({At("a.jpg"), "--reference", At("true.png")}), 0) << err_.str();
  EXPECT_EQ(server_.requests().at(0).reference_mask(), "a mask");
  EXPECT_THAT(out_.str(), HasSubstr("    reference: Dice 0.500, Jaccard 0.250, HD95 4.2 px\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("in the mean")));
  EXPECT_EQ(Segment({At("a.jpg"), "--reference", At("true.png"), "--json"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"dice\":0.5,\"jaccard\":0.25,"));
  EXPECT_EQ(Segment({At("a.jpg")}), 0);
  EXPECT_THAT(server_.requests().at(2).reference_mask(), IsEmpty());
}

TEST_F(SegmentFilesTest, ReferencesAreFoundByStem) {
  Put("masks/a.png", "mask of a");
  Put("masks/b.mask.png", "mask of b");
  AnswerWithOverlap(0.5F, 10, 20);
  EXPECT_EQ(Segment({At("a.jpg"), At("b.jpg"), "--reference", At("masks")}), 0) << err_.str();
  EXPECT_EQ(server_.requests().at(0).reference_mask(), "mask of a");
  EXPECT_EQ(server_.requests().at(1).reference_mask(), "mask of b");
  EXPECT_THAT(out_.str(), HasSubstr("\n2 references: Dice 0.5000 in the mean of 2, 0.5000 over"));
}

TEST_F(SegmentFilesTest, AnImageWithoutReferenceFailsAlone) {
  Put("masks/b.png", "mask of b");
  EXPECT_EQ(Segment({At("a.jpg"), At("b.jpg"), "--reference", At("masks")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("a.jpg: no reference: there is neither " + At("masks/a.png")));
  ASSERT_THAT(server_.requests(), SizeIs(1));
  EXPECT_EQ(server_.requests()[0].reference_mask(), "mask of b");
}

TEST_F(SegmentFilesTest, AReferenceMustFitTheImages) {
  Put("true.png", "a mask");
  EXPECT_EQ(Segment({At("a.jpg"), At("b.jpg"), "--reference", At("true.png"), "--out", At("o")}),
            2);
  EXPECT_THAT(err_.str(), HasSubstr("got 2 images"));
  EXPECT_EQ(Segment({At("a.jpg"), "--reference", At("none")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no such file or folder"));
  EXPECT_THAT(server_.requests(), IsEmpty());
  EXPECT_FALSE(fs::exists(At("o")));
}

TEST(OverlapTally, PoolsPixelsAndLeavesOutWhatHasNoDice) {
  cli::OverlapTally tally;
  EXPECT_EQ(tally.Text(), "");
  v1::Overlap good, bad;
  good.set_dice(1);
  good.set_true_positive_pixels(300);
  bad.set_dice(0);
  bad.set_false_positive_pixels(100);
  bad.set_false_negative_pixels(100);
  tally.Add(good);
  tally.Add(v1::Overlap());
  EXPECT_EQ(tally.Text(), "2 references: Dice 1.0000 in the mean of 1, 1.0000 over all pixels\n");
  tally.Add(bad);  // 600 / (600 + 200)
  EXPECT_EQ(tally.Text(), "3 references: Dice 0.5000 in the mean of 2, 0.7500 over all pixels\n");
  cli::OverlapTally empty;
  empty.Add(v1::Overlap());
  empty.Add(v1::Overlap());
  EXPECT_EQ(empty.Text(), "2 references: all masks are empty\n");
}

}  // namespace
}  // namespace lingula
