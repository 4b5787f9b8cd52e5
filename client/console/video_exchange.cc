#include "client/console/video_exchange.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "client/console/limits.h"
#include "client/console/memory_file.h"
#include "client/console/page_answer.h"
#include "client/console/problems.h"
#include "client/console/video_kinds.h"
#include "client/console/video_player.h"
#include "client/video_file.h"
#include "model/base/status_macros.h"

namespace lingula::console {
namespace {

v1::StreamSettings SettingsFrom(const HttpRequest& request) {
  v1::StreamSettings settings;
  settings.set_model(request.Get("model"));
  settings.set_policy(request.Get("policy") == "every-frame" ? v1::STREAM_POLICY_EVERY_FRAME
                                                             : v1::STREAM_POLICY_FRESHEST);
  settings.add_mask_formats(v1::MASK_FORMAT_POLYGONS);
  settings.set_want_location_text(true);
  return settings;
}

class VideoExchange final : public HttpDoor::Exchange {
 public:
  VideoExchange(Service& service, std::atomic<int>& playing, const HttpRequest& request)
      : service_(service), playing_(playing), settings_(SettingsFrom(request)) {
    if (++playing_ > kMaxVideos) {
      status_ = absl::ResourceExhaustedError(
          absl::StrCat("the console plays ", kMaxVideos, " videos at a time; end one of them"));
      return;
    }
    auto file = MemoryFile::Create();
    status_ = file.status();
    if (file.ok()) {
      file_.emplace(*std::move(file));
    }
  }
  ~VideoExchange() override { --playing_; }

  void Take(absl::string_view piece) override {
    if (!status_.ok()) {
      return;
    }
    size_ += piece.size();
    if (size_ > kMaxVideoBytes) {
      file_.reset();
      status_ = absl::OutOfRangeError(absl::StrCat("a video may have ", kMaxVideoBytes >> 20,
                                                   " MB at most; lingula stream takes any"));
      return;
    }
    start_.append(piece.data(), std::min(piece.size(), kVideoStartBytes - start_.size()));
    status_ = file_->Append(piece);
  }

  void Reply(const TakePiece& write) override {
    if (status_.ok()) {
      status_ = Play(write);
    }
    const std::string last =
        status_.ok() ? R"({"end":true,"parts":[]})"
                     : absl::StrCat(R"({"parts":[],"problem":)", ProblemJson(status_), "}");
    write(Envelope(last, {}));
  }

 private:
  absl::Status Play(const TakePiece& write) {
    if (!LooksLikeVideo(start_)) {
      return absl::InvalidArgumentError("this is no video of a kind that can be read");
    }
    LINGULA_ASSIGN_OR_RETURN(Client * client, service_.Reach());
    const auto source = cli::OpenVideo(file_->path());
    if (!source.ok()) {  // its message names the path, which is none
      return absl::IsInvalidArgument(source.status())
                 ? absl::InvalidArgumentError("this video is damaged, or of an unknown codec")
                 : source.status();
    }
    const nlohmann::json first = {{"fps", (*source)->fps()}, {"parts", nlohmann::json::array()}};
    if (!write(Envelope(first.dump(), {}))) {
      return absl::OkStatus();
    }
    return PlayVideo(*client, settings_, **source, write);
  }

  Service& service_;
  std::atomic<int>& playing_;
  const v1::StreamSettings settings_;
  std::optional<MemoryFile> file_;
  std::string start_;
  size_t size_ = 0;
  absl::Status status_;
};

}  // namespace

std::unique_ptr<HttpDoor::Exchange> OpenVideoExchange(Service& service, std::atomic<int>& playing,
                                                      const HttpRequest& request) {
  return std::make_unique<VideoExchange>(service, playing, request);
}

}  // namespace lingula::console
