#include "client/segment_verb.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/answer_text.h"
#include "client/input_files.h"
#include "client/mask_files.h"
#include "client/references.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kProgressFrom = 11;  // files

// One run over all inputs.
class Segmenter {
 public:
  Segmenter(Client& client, const ServerOptions& server, const SegmentOptions& options,
            std::ostream& out, std::ostream& err, bool show_progress)
      : client_(client),
        server_(server),
        options_(options),
        out_(out),
        err_(err),
        inputs_(ExpandInputs(options.inputs)),
        table_(LongestPath()),
        show_progress_(show_progress && inputs_.files.size() >= kProgressFrom) {}

  int Run() {
    references_ = References::Open(options_.reference, inputs_.files.size());
    if (!references_.ok()) {
      err_ << references_.status().message() << "\n";
      return kUsage;
    }
    for (const std::string& folder : {options_.mask_folder, options_.overlay_folder}) {
      std::error_code error;
      fs::create_directories(folder.empty() ? "." : folder, error);
      if (error) {
        err_ << folder << ": cannot make this folder: " << error.message() << "\n";
        return kUsage;
      }
    }
    for (const std::string& problem : inputs_.problems) {
      err_ << problem << "\n";
      code_ = kSomeFailed;
    }
    if (!options_.json && !inputs_.files.empty()) {
      out_ << table_.Head();
    }
    for (size_t i = 0; i < inputs_.files.size() && code_ != kNotReachable; ++i) {
      ShowProgress(i);
      Handle(inputs_.files[i]);
    }
    PrintEnd();
    return code_;
  }

 private:
  size_t LongestPath() const {
    size_t longest = 0;
    for (const InputFile& file : inputs_.files) {
      longest = std::max(longest, file.path.size());
    }
    return longest;
  }

  void ShowProgress(size_t done) {
    if (!show_progress_) {
      return;
    }
    const auto spent =
        std::chrono::duration_cast<std::chrono::seconds>(Clock::Real().Now() - started_);
    const size_t left = inputs_.files.size() - done;
    err_ << "\r\033[K" << done << " of " << inputs_.files.size();
    if (done > 0) {
      const auto left_s = spent.count() * static_cast<int64_t>(left) / static_cast<int64_t>(done);
      err_ << absl::StreamFormat(", %d:%02d left", left_s / 60, left_s % 60);
    }
    err_.flush();
  }
  void ClearProgress() {
    if (show_progress_) {
      err_ << "\r\033[K" << std::flush;
    }
  }

  absl::StatusOr<v1::SegmentRequest> RequestFor(const InputFile& file) const {
    v1::SegmentRequest request;
    LINGULA_ASSIGN_OR_RETURN(*request.mutable_image()->mutable_encoded(), ReadFile(file.path));
    LINGULA_ASSIGN_OR_RETURN(*request.mutable_reference_mask(), references_->For(file));
    request.set_model(options_.model);
    request.set_want_location_text(true);
    request.set_viewer_left(options_.viewer_left);
    if (!options_.report.empty()) {
      request.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
      request.mutable_guidance()->set_report(options_.report);
    }
    if (options_.threshold.has_value()) {
      request.set_threshold(*options_.threshold);
    }
    for (const v1::MaskFormat format : Formats()) {
      request.add_mask_formats(format);
    }
    return request;
  }

  // Each once.
  std::set<v1::MaskFormat> Formats() const {
    std::set<v1::MaskFormat> formats(options_.forms.begin(), options_.forms.end());
    if (!options_.mask_folder.empty() && formats.empty()) {
      formats.insert(v1::MASK_FORMAT_PNG);
    }
    if (!options_.overlay_folder.empty()) {
      formats.insert(v1::MASK_FORMAT_OVERLAY_PNG);
    }
    if (options_.rle) {
      formats.insert(v1::MASK_FORMAT_COCO_RLE);
    }
    return formats;
  }

  // Whether `format` was asked for as a file, rather than for the JSON only.
  bool IsForFile(v1::MaskFormat format) const {
    const auto& forms = options_.forms;
    return format != v1::MASK_FORMAT_COCO_RLE ||
           std::find(forms.begin(), forms.end(), format) != forms.end();
  }

  absl::StatusOr<std::vector<std::string>> WriteMasks(const std::string& name,
                                                      const v1::SegmentResponse& answer) const {
    std::vector<std::string> written;
    for (const v1::Mask& mask : answer.masks()) {
      const std::string& folder =
          mask.has_overlay_png() ? options_.overlay_folder : options_.mask_folder;
      const MaskFile file = FileOf(mask);
      if (!folder.empty() && !file.content.empty() && IsForFile(mask.format())) {
        written.push_back(absl::StrCat(folder, "/", name, file.ending));
        LINGULA_RETURN_IF_ERROR(WriteFile(written.back(), file.content));
      }
    }
    return written;
  }

  void Handle(const InputFile& file) {
    const absl::Status status = SendOne(file);
    if (status.ok()) {
      return;
    }
    ClearProgress();
    code_ = absl::IsUnavailable(status) ? kNotReachable : kSomeFailed;
    err_ << file.path << ": " << InWords(status) << "\n";
    if (options_.json) {
      out_ << ErrorJson(file.path, status);
    }
    if (code_ == kNotReachable) {
      err_ << "stopped: the server is not available\n";
    }
  }

  absl::Status SendOne(const InputFile& file) {
    LINGULA_ASSIGN_OR_RETURN(const v1::SegmentRequest request, RequestFor(file));
    const Instant sent = Clock::Real().Now();
    LINGULA_ASSIGN_OR_RETURN(const v1::SegmentResponse answer,
                             client_.Segment(request, server_.deadline));
    const std::chrono::microseconds round_trip(MicrosBetween(sent, Clock::Real().Now()));
    LINGULA_ASSIGN_OR_RETURN(const std::vector<std::string> written, WriteMasks(file.name, answer));
    ClearProgress();
    out_ << (options_.json ? AnswerJson(file.path, answer, written, round_trip)
                           : table_.Row(file.path, answer, round_trip));
    out_.flush();
    if (answer.has_overlap()) {
      overlaps_.Add(answer.overlap());
    }
    if (!answer.notice().empty()) {
      notices_.insert(absl::StrCat(answer.model().name(), ": ", answer.notice()));
    }
    return absl::OkStatus();
  }

  void PrintEnd() {
    ClearProgress();
    if (!options_.json) {
      out_ << overlaps_.Text();
    }
    for (const std::string& notice : notices_) {
      (options_.json ? err_ : out_) << notice << "\n";
    }
  }

  Client& client_;
  const ServerOptions& server_;
  const SegmentOptions& options_;
  std::ostream& out_;
  std::ostream& err_;
  const Inputs inputs_;
  absl::StatusOr<References> references_ = absl::UnknownError("not opened yet");
  OverlapTally overlaps_;
  const AnswerTable table_;
  const bool show_progress_;
  const Instant started_ = Clock::Real().Now();
  std::set<std::string> notices_;
  int code_ = kAllWell;
};

}  // namespace

int Segment(Client& client, const ServerOptions& server, const SegmentOptions& options,
            std::ostream& out, std::ostream& err, bool show_progress) {
  return Segmenter(client, server, options, out, err, show_progress).Run();
}

}  // namespace lingula::cli
