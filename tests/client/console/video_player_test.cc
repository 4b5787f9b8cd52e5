// Videos to the page, against a whole server with a fake engine.
#include "client/console/video_player.h"

#include <atomic>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "client/client.h"
#include "tests/e2e/server_fixture.h"

namespace lingula::console {
namespace {

using nlohmann::json;

constexpr int kWidth = 64;
constexpr int kHeight = 48;

// `frames` pictures with a white square, as a video has them.
class SquareSource final : public cli::FrameSource {
 public:
  explicit SquareSource(int frames) : frames_(frames) {}
  absl::StatusOr<std::optional<v1::Image>> Next() override {
    if (taken_ == frames_) {
      return std::nullopt;
    }
    ++taken_;
    cv::Mat frame(kHeight, kWidth, CV_8UC3, cv::Scalar(0, 0, 0));
    frame(cv::Rect(4, 4, 20, 20)).setTo(cv::Scalar(255, 255, 255));
    v1::Image image;
    v1::RawImage& raw = *image.mutable_raw();
    raw.set_width(kWidth);
    raw.set_height(kHeight);
    raw.set_format(v1::PIXEL_FORMAT_BGR8);
    raw.set_data(frame.data, frame.total() * frame.elemSize());
    return image;
  }
  int taken() const { return taken_; }

 private:
  const int frames_;
  std::atomic<int> taken_ = 0;
};

class VideoPlayerTest : public test::ServerTest {
 protected:
  VideoPlayerTest() { config_.batching.max_queued = 64; }

  absl::Status Play(cli::FrameSource& source, const TakePiece& write,
                    v1::StreamPolicy policy = v1::STREAM_POLICY_EVERY_FRAME) {
    ClientOptions options;
    options.target = absl::StrCat("127.0.0.1:", server_->port());
    const auto client = Client::Connect(options);
    v1::StreamSettings settings;
    settings.set_policy(policy);
    settings.add_mask_formats(v1::MASK_FORMAT_POLYGONS);
    return client.ok() ? PlayVideo(**client, settings, source, write) : client.status();
  }
  static json PageOf(absl::string_view envelope) {
    const auto size = static_cast<uint8_t>(envelope[0]) + 256 * static_cast<uint8_t>(envelope[1]);
    return json::parse(std::string(envelope.substr(4, static_cast<size_t>(size))));
  }
};

TEST_F(VideoPlayerTest, EveryFrameComesWithItsMaskAndPicture) {
  SquareSource source(20);
  uint64_t last = 0;
  const absl::Status played = Play(source, [&](absl::string_view envelope) {
    const json page = PageOf(envelope);
    EXPECT_EQ(page["frame"], ++last);
    EXPECT_EQ(page["width"], kWidth);
    EXPECT_EQ(envelope.substr(envelope.size() - page["parts"][0].get<size_t>(), 2), "\xff\xd8");
    return true;
  });
  EXPECT_THAT(played, test::IsOk());
  EXPECT_EQ(last, 20U);
}

TEST_F(VideoPlayerTest, FramesUnderWayAreBounded) {
  for (const auto policy : {v1::STREAM_POLICY_EVERY_FRAME, v1::STREAM_POLICY_FRESHEST}) {
    SquareSource one(600);
    int answered = 0;
    int most = 0;
    ASSERT_THAT(Play(
                    one,
                    [&](absl::string_view) {
                      most = std::max(most, one.taken() - ++answered);
                      return true;
                    },
                    policy),
                test::IsOk());
    EXPECT_EQ(answered, 600);
    EXPECT_LE(most, 66);  // kMaxPending, the one answered and the one being added
  }
}

TEST_F(VideoPlayerTest, EndsWhenNobodyLooksAnyMore) {
  SquareSource endless(-1);
  int written = 0;
  const absl::Status played = Play(endless, [&](absl::string_view) { return ++written < 3; });
  EXPECT_THAT(played, test::StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(written, 3);
}

TEST_F(VideoPlayerTest, AVideoWithoutFramesSaysSo) {
  SquareSource nothing(0);
  EXPECT_THAT(Play(nothing, [](absl::string_view) { return true; }),
              test::StatusIs(absl::StatusCode::kInvalidArgument,
                             testing::HasSubstr("no frame of this video can be read")));
}

}  // namespace
}  // namespace lingula::console
