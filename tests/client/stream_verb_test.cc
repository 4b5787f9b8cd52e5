// `lingula stream` against a whole server with a fake engine.
#include <signal.h>

#include <filesystem>
#include <sstream>
#include <streambuf>

#include "client/jpeg_splitter.h"
#include "client/video_file.h"
#include "model/image/jpeg_file.h"
#include "tests/client/command_test.h"
#include "tests/e2e/server_fixture.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class StreamVerbTest : public test::ServerTest {
 protected:
  StreamVerbTest() { config_.batching.max_queued = 64; }

  std::string At(const std::string& name) const { return folder_.At(name); }
  void Put(const std::string& name, const std::string& content) const {
    folder_.Put(name, content);
  }
  static cv::Mat Frame(int i) {
    cv::Mat frame(48, 64, CV_8UC3, cv::Scalar(0, 0, 0));
    frame(cv::Rect(4 + i, 4, 20, 20)).setTo(cv::Scalar(255, 255, 255));
    return frame;
  }
  static std::string Jpeg(int i) { return *EncodeJpeg(Frame(i), 90); }

  int Stream(const std::string& input, const std::vector<std::string>& options = {},
             const std::string& standard_input = "", bool terminal = false) {
    std::istringstream in(standard_input);
    return StreamFrom(in, input, options, terminal);
  }
  int StreamFrom(std::istream& in, const std::string& input,
                 const std::vector<std::string>& options, bool terminal = false) {
    std::vector<std::string> words = {"stream", input, "--server",
                                      absl::StrCat("127.0.0.1:", server_->port())};
    words.insert(words.end(), options.begin(), options.end());
    return test::RunCommand(words, in, out_, err_, terminal);
  }
  static int Pictures(const std::string& path) {
    cli::JpegSplitter splitter(1 << 20);
    splitter.Add(test::Content(path));
    int pictures = 0;
    while (splitter.Next()->has_value()) {
      ++pictures;
    }
    return pictures;
  }

  const test::TempFolder folder_;
  std::ostringstream out_, err_;
};

TEST_F(StreamVerbTest, SendsAFolderAndWritesOverlays) {
  for (int i = 0; i < 5; ++i) {
    Put(absl::StrCat("in/", i, ".jpg"), Jpeg(i));
  }
  EXPECT_EQ(Stream(At("in"), {"--out", At("out")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("5 frames, 5 masks"), HasSubstr("latency: p50"),
                                HasSubstr("xray: For research use only.\n")));
  EXPECT_THAT(err_.str(), IsEmpty());
  EXPECT_EQ(Pictures(At("out/000001.overlay.jpg")), 1);
  EXPECT_TRUE(fs::exists(At("out/000005.overlay.jpg")));
}

TEST_F(StreamVerbTest, ABadFrameIsNamedAndTheOthersGoOn) {
  Put("in/1.jpg", Jpeg(1));
  Put("in/2.jpg", "no image");
  Put("in/3.png", test::GoodPng());
  EXPECT_EQ(Stream(At("in"), {"--out", At("out")}), 1);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("3 frames, 2 masks"), HasSubstr("dropped, bad frame: 1")));
  EXPECT_THAT(err_.str(), HasSubstr("frame 2: the server refused it"));
  EXPECT_TRUE(fs::exists(At("out/000003.overlay.jpg")));
}

TEST_F(StreamVerbTest, ReadsAndWritesMotionJpeg) {
  std::string video;
  for (int i = 0; i < 6; ++i) {
    video += "--boundary\r\n\r\n" + Jpeg(i);
  }
  EXPECT_EQ(Stream("-", {"--out", At("out.mjpeg"), "--fps", "500"}, video), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("6 frames, 6 masks"));
  EXPECT_EQ(Pictures(At("out.mjpeg")), 6);
  EXPECT_EQ(Stream(At("out.mjpeg")), 0);
  EXPECT_THAT(out_.str(), HasSubstr("6 frames, 6 masks"));
  EXPECT_EQ(Stream("-", {}, video.substr(0, video.size() - 5)), 1);
  EXPECT_EQ(err_.str(), "standard input: the last JPEG picture is not whole\n");
}

TEST_F(StreamVerbTest, AStreamWithoutPicturesIsNotAllWell) {
  Put("empty.mjpeg", "");
  EXPECT_EQ(Stream(At("empty.mjpeg")), 1);
  EXPECT_EQ(err_.str(), At("empty.mjpeg") + ": no JPEG pictures in it\n");
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_EQ(Stream("-", {}, "no picture"), 1);
  EXPECT_EQ(err_.str(), "standard input: no JPEG pictures in it\n");
}

TEST_F(StreamVerbTest, AnInterruptedStreamEndsWell) {
  // Ctrl-C comes when the first picture has been read and the second is half there.
  class Keyboard final : public std::streambuf {
   public:
    explicit Keyboard(const std::string& bytes) : bytes_(bytes + bytes.substr(0, 100)) {}
    int_type underflow() override {
      if (chunk_++ == 0) {
        setg(bytes_.data(), bytes_.data(), bytes_.data() + bytes_.size());
        return traits_type::to_int_type(bytes_[0]);
      }
      raise(SIGINT);
      setg(bytes_.data(), bytes_.data(), bytes_.data() + bytes_.size());
      return traits_type::to_int_type(bytes_[0]);
    }

   private:
    std::string bytes_;
    int chunk_ = 0;
  };
  Keyboard keyboard(Jpeg(1));
  std::istream in(&keyboard);
  EXPECT_EQ(StreamFrom(in, "-", {"--out", At("out.avi")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("1 frames, 1 masks\nlatency"));
  EXPECT_THAT(err_.str(), IsEmpty());
  const auto video = cli::OpenVideo(At("out.avi"));
  ASSERT_THAT(video, test::IsOk());
  EXPECT_TRUE((*video)->Next()->has_value());
}

TEST_F(StreamVerbTest, StopsWhenItsOutputCannotBeWritten) {
  Put("in/1.jpg", Jpeg(1));
  Put("in/2.png", test::GoodPng());  // of another size
  Put("in/3.jpg", Jpeg(3));
  EXPECT_EQ(Stream(At("in"), {"--out", At("out.avi")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("out.avi: a video holds frames of one size, 64 x 48, got"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("CANCELLED")));
}

TEST_F(StreamVerbTest, ReadsAndWritesVideos) {
  {
    const auto writer = cli::CreateVideo(At("in.avi"), 200, 64, 48);
    ASSERT_THAT(writer, test::IsOk());
    for (int i = 0; i < 6; ++i) {
      (*writer)->Write(Frame(i).data, 64 * 3);
    }
  }
  EXPECT_EQ(Stream(At("in.avi"), {"--out", At("out.avi")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("6 frames, 6 masks"));
  const auto video = cli::OpenVideo(At("out.avi"));
  ASSERT_THAT(video, test::IsOk());
  EXPECT_EQ((*video)->fps(), 200);
  int frames = 0;
  for (auto image = (*video)->Next(); image.ok() && image->has_value(); image = (*video)->Next()) {
    EXPECT_EQ((*image)->raw().width(), 64U);
    EXPECT_EQ((*image)->raw().height(), 48U);
    ++frames;
  }
  EXPECT_EQ(frames, 6);
}

TEST_F(StreamVerbTest, PrintsOneJsonObjectAFrameAndASummary) {
  for (int i = 0; i < 3; ++i) {
    Put(absl::StrCat("in/", i, ".jpg"), i == 1 ? "no image" : Jpeg(i));
  }
  EXPECT_EQ(Stream(At("in"), {"--json", "--policy", "freshest", "--max-age-ms", "60000"}), 1);
  std::istringstream lines(out_.str());
  std::string line;
  std::getline(lines, line);
  EXPECT_THAT(line, AllOf(HasSubstr("{\"round_trip_us\":"), HasSubstr("\"frame_number\":\"1\""),
                          HasSubstr("\"counts\":")));
  std::getline(lines, line);
  EXPECT_THAT(line, HasSubstr("\"drop\":{\"reason\":\"DROP_REASON_"));
  std::getline(lines, line);
  std::getline(lines, line);
  EXPECT_THAT(line, HasSubstr("{\"summary\":{\"frames\":3,"));
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(StreamVerbTest, SaysWhatEndedTheStream) {
  Put("in/1.jpg", Jpeg(1));
  EXPECT_EQ(Stream(At("in"), {"--model", "unknown"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("xray@1"));
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_EQ(Stream(At("none.avi")), 1);
  EXPECT_THAT(err_.str(), HasSubstr("none.avi: cannot open"));
  Put("notes.avi", "no video");
  EXPECT_EQ(Stream(At("notes.avi")), 1);
  EXPECT_THAT(err_.str(), HasSubstr("notes.avi: not a video"));
  fs::create_directory(At("empty"));
  EXPECT_EQ(Stream(At("empty")), 1);
  EXPECT_THAT(err_.str(), HasSubstr("no PNG or JPEG"));
}

TEST_F(StreamVerbTest, WrongOptionsAreRefusedBeforeAnythingIsSent) {
  EXPECT_EQ(Stream(At("in"), {"--policy", "newest"}), 2);
  EXPECT_EQ(Stream(At("in"), {"--fps", "-1"}), 2);
  EXPECT_EQ(Stream(At("in"), {"--max-age-ms", "0"}), 2);
  EXPECT_EQ(Stream(At("in"), {"--threshold", "1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--threshold"));
  Put("in/1.jpg", Jpeg(1));
  Put("file", "");
  EXPECT_EQ(Stream(At("in"), {"--out", At("file/folder")}), 2);
  EXPECT_EQ(Stream(At("in"), {"--out", At("nowhere/out.avi")}), 2);
  EXPECT_EQ(err_.str(), At("nowhere/out.avi") + ": cannot write this file\n");
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(StreamVerbTest, AServerThatGoesAwayIsNotReachable) {
  Put("in/1.jpg", Jpeg(1));
  server_->Drain();
  EXPECT_EQ(Stream(At("in")), 3);
}

TEST_F(StreamVerbTest, ShowsProgressOnATerminalOnly) {
  Put("in/1.jpg", Jpeg(1));
  EXPECT_EQ(Stream(At("in"), {}, "", /*terminal=*/true), 0);
  EXPECT_THAT(err_.str(), HasSubstr("1 masks"));
  EXPECT_EQ(Stream(At("in"), {}), 0);
  EXPECT_THAT(err_.str(), Not(HasSubstr("1 masks")));
}

}  // namespace
}  // namespace lingula
