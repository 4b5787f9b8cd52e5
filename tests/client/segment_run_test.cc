// `lingula segment` over folders: which files, which frames, what is left out the second time.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>

#include "client/input_files.h"
#include "tests/client/command_test.h"
#include "tests/client/fake_server.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

class SegmentRunTest : public test::CommandTest {
 protected:
  void PutDicom(const std::string& name) const { Put(name, std::string(128, '\0') + "DICM"); }
  // Answers as to a DICOM file of so many frames.
  void AnswerWithFrames(uint32_t frames) {
    v1::SegmentResponse answer;
    answer.mutable_dicom()->set_frame_count(frames);
    server_.Answer(answer);
  }
  int Segment(std::vector<std::string> words) {
    words.insert(words.begin(), {"segment", "--server", server_.target()});
    return Run(words);
  }

  test::FakeServer server_;
};

TEST_F(SegmentRunTest, FindsDicomByContent) {
  PutDicom("in/1.2.840.10008");
  PutDicom("in/IM0001");
  PutDicom("in/DICOMDIR");
  PutDicom("in/old.seg.dcm");
  PutDicom("in/deeper/IM0001");
  Put("in/notes", "no picture");
  Put("in/x.png", "a picture");
  EXPECT_EQ(Segment({At("in"), "--out", At("out"), "--form", "dicom-seg,dicom-seg-fractional"}), 0)
      << err_.str();
  EXPECT_THAT(server_.requests(), SizeIs(3));
  EXPECT_TRUE(fs::exists(At("out/1.2.840.10008.seg.dcm")));
  EXPECT_TRUE(fs::exists(At("out/1.2.840.10008.fractional.seg.dcm")));
  EXPECT_FALSE(fs::exists(At("out/deeper")));
  EXPECT_EQ(Segment({At("in"), "--out", At("out"), "--recursive", "--structured-report"}), 0);
  EXPECT_TRUE(fs::exists(At("out/IM0001.sr.dcm")));
  EXPECT_TRUE(fs::exists(At("out/deeper/IM0001.sr.dcm")));
}

TEST_F(SegmentRunTest, StemsKeepNumbersThatAreNoEnding) {
  EXPECT_EQ(cli::StemOf("a/1.2.840.113"), "1.2.840.113");
  EXPECT_EQ(cli::StemOf("a/1.2.840.113.dcm"), "1.2.840.113");
  EXPECT_EQ(cli::StemOf("a/x.jpg"), "x");
}

TEST_F(SegmentRunTest, SendsTheFramesAskedFor) {
  PutDicom("a.dcm");
  Put("b.png", "one picture");
  AnswerWithFrames(3);
  EXPECT_EQ(Segment({At("a.dcm"), "--frames", "all", "--out", At("out")}), 0) << err_.str();
  ASSERT_THAT(server_.requests(), SizeIs(3));
  EXPECT_EQ(server_.requests()[2].image().frame_number(), 3);
  EXPECT_TRUE(fs::exists(At("out/a.frame0003.mask.png")));
  EXPECT_THAT(out_.str(), HasSubstr("a.dcm frame 2"));
  EXPECT_EQ(Segment({At("a.dcm"), "--frames", "2"}), 0);
  EXPECT_EQ(server_.requests().at(3).image().frame_number(), 2);
  AnswerWithFrames(0);
  EXPECT_EQ(Segment({At("b.png"), "--frames", "2"}), 0);
  EXPECT_EQ(server_.requests().at(4).image().frame_number(), 0);
  for (const char* wrong : {"0", "-1", "every", "1.5"}) {
    EXPECT_EQ(Segment({At("a.dcm"), "--frames", wrong}), 2) << wrong;
  }
}

TEST_F(SegmentRunTest, GoesOnWhereItWasInterrupted) {
  PutDicom("in/a");
  PutDicom("in/b");
  PutDicom("in/c");
  AnswerWithFrames(1);
  server_.Script({{grpc::Status::OK}, {grpc::Status(grpc::INVALID_ARGUMENT, "bad")}});
  const std::vector<std::string> words = {At("in"), "--out",     At("out"),
                                          "--csv",  At("t.csv"), "--resume"};
  EXPECT_EQ(Segment(words), 1);
  EXPECT_THAT(server_.requests(), SizeIs(3));
  EXPECT_EQ(Segment(words), 0) << err_.str();  // b alone
  EXPECT_THAT(server_.requests(), SizeIs(4));
  EXPECT_THAT(err_.str(), HasSubstr("2 left out"));
  fs::remove(At("out/c.mask.png"));
  EXPECT_EQ(Segment(words), 0);  // c alone
  EXPECT_THAT(server_.requests(), SizeIs(5));
  EXPECT_EQ(Segment(words), 0);
  EXPECT_THAT(server_.requests(), SizeIs(5));
  std::vector<std::string> others = words;
  others.insert(others.end(), {"--threshold", "0.25"});
  EXPECT_EQ(Segment(others), 2);
  EXPECT_THAT(err_.str(), HasSubstr("other settings"));
}

TEST_F(SegmentRunTest, LeavesOutSingleFramesToo) {
  PutDicom("a");
  AnswerWithFrames(3);
  const std::vector<std::string> words = {At("a"), "--frames",  "all",
                                          "--csv", At("t.csv"), "--resume"};
  EXPECT_EQ(Segment(words), 0);
  EXPECT_THAT(server_.requests(), SizeIs(3));
  EXPECT_EQ(Segment(words), 0);
  EXPECT_THAT(server_.requests(), SizeIs(3));
  EXPECT_THAT(err_.str(), HasSubstr("3 left out"));
}

TEST_F(SegmentRunTest, CtrlCKeepsWhatIsDone) {
  constexpr size_t kFiles = 2000;  // more than are sent before the signal comes
  for (size_t i = 0; i < kFiles; ++i) {
    PutDicom(absl::StrCat("in/", i));
  }
  std::thread presser([this] {
    while (server_.requests().empty()) {
      std::this_thread::yield();
    }
    kill(getpid(), SIGINT);
  });
  EXPECT_EQ(Segment({At("in"), "--csv", At("t.csv")}), 1);
  presser.join();
  EXPECT_THAT(err_.str(), HasSubstr("interrupted: "));
  const size_t sent = server_.requests().size();
  EXPECT_LT(sent, kFiles);
  EXPECT_EQ(Segment({At("in"), "--csv", At("t.csv"), "--resume"}), 0);
  EXPECT_EQ(server_.requests().size(), kFiles);  // none twice, none left out
  EXPECT_THAT(err_.str(), HasSubstr(absl::StrCat(sent, " left out")));
}

TEST_F(SegmentRunTest, SeveralAtATimeGiveTheSameRows) {
  for (int i = 0; i < 24; ++i) {
    PutDicom(absl::StrCat("in/", i));
  }
  AnswerWithFrames(1);
  EXPECT_EQ(Segment({At("in"), "--csv", At("t.csv"), "--jobs", "8", "--json"}), 0) << err_.str();
  EXPECT_THAT(server_.requests(), SizeIs(24));
  EXPECT_EQ(Segment({At("in"), "--csv", At("t.csv"), "--jobs", "8", "--resume"}), 0);
  EXPECT_THAT(server_.requests(), SizeIs(24));
  server_.Stop();
  EXPECT_EQ(Segment({At("in"), "--jobs", "8", "--deadline-ms", "300"}), 3);
}

TEST_F(SegmentRunTest, AsksForASecondOpinion) {
  Put("a.png", "a picture");
  EXPECT_EQ(Segment({At("a.png"), "--second-opinion", "--out", At("out")}), 0);
  EXPECT_TRUE(server_.requests().at(0).want_second_opinion());
  EXPECT_THAT(out_.str(), HasSubstr("second opinion: Dice 0.750 with the mask"));
  EXPECT_TRUE(fs::exists(At("out/a.second.mask.png")));
  EXPECT_EQ(Segment({At("a.png"), "--second-opinion", "--report", "none"}), 2);
  EXPECT_EQ(Segment({At("a.png"), "--resume"}), 2);
  EXPECT_EQ(Segment({At("a.png"), "--structured-report"}), 2);
}

}  // namespace
}  // namespace lingula
