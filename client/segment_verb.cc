#include "client/segment_verb.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/answer_text.h"
#include "client/input_files.h"
#include "client/interruption.h"
#include "client/progress_bar.h"
#include "client/references.h"
#include "client/result_table.h"
#include "client/segment_files.h"
#include "model/base/file.h"
#include "model/base/mutex.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kProgressFrom = 11;  // files

// One picture to send.
struct Shot {
  const InputFile& file;
  uint32_t frame = 0;  // 0: the first one
};

// One run over all inputs. Several threads send; what they report goes through `mu_`.
class Segmenter {
 public:
  Segmenter(Client& client, const ServerOptions& server, const SegmentOptions& options,
            std::ostream& out, std::ostream& err, bool show_progress)
      : client_(client),
        server_(server),
        options_(options),
        out_(out),
        err_(err),
        inputs_(ExpandInputs(options.inputs, options.recursive)),
        columns_(LongestPath()),
        progress_(show_progress && inputs_.files.size() >= kProgressFrom ? &err : nullptr,
                  inputs_.files.size()) {}

  int Run() {
    if (const absl::Status ready = Prepare(); !ready.ok()) {
      err_ << ready.message() << "\n";
      return kUsage;
    }
    for (const std::string& problem : inputs_.problems) {
      err_ << problem << "\n";
      code_ = kSomeFailed;
    }
    if (!options_.json && !inputs_.files.empty()) {
      out_ << columns_.Head();
    }
    std::vector<std::thread> others;
    for (int i = 1; i < options_.jobs; ++i) {
      others.emplace_back([this] { Work(); });
    }
    Work();
    for (std::thread& other : others) {
      other.join();
    }
    PrintEnd();
    return code_;
  }

 private:
  absl::Status Prepare() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    LINGULA_ASSIGN_OR_RETURN(references_,
                             References::Open(options_.reference, inputs_.files.size()));
    for (const std::string& folder : {options_.mask_folder, options_.overlay_folder}) {
      std::error_code error;
      fs::create_directories(folder.empty() ? "." : folder, error);
      if (error) {
        return absl::InvalidArgumentError(
            absl::StrCat(folder, ": cannot make this folder: ", error.message()));
      }
    }
    if (!options_.table.empty()) {
      LINGULA_ASSIGN_OR_RETURN(
          table_, ResultTable::Open(options_.table, SettingsDigest(options_), options_.resume));
    }
    return absl::OkStatus();
  }

  size_t LongestPath() const {
    size_t longest = 0;
    for (const InputFile& file : inputs_.files) {
      longest = std::max(longest, file.path.size());
    }
    return longest;
  }

  // Takes one file after the other until there are no more, or it makes no sense to go on.
  void Work() ABSL_LOCKS_EXCLUDED(mu_) {
    while (const InputFile* file = TakeFile()) {
      const bool sent = SendFile(*file);
      MutexLock lock(mu_);
      ++finished_;
      timed_ += sent ? 1 : 0;
    }
  }

  const InputFile* TakeFile() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (Stopped() || taken_ == inputs_.files.size()) {
      return nullptr;
    }
    progress_.Show(finished_, timed_);
    return &inputs_.files[taken_++];
  }

  bool Stopped() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return code_ == kNotReachable || lost_table_ || interruption_.interrupted();
  }
  bool StoppedNow() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return Stopped();
  }

  // All frames that are wanted of a file. False: nothing had to be sent.
  bool SendFile(const InputFile& file) ABSL_LOCKS_EXCLUDED(mu_) {
    std::optional<v1::SegmentRequest> request;  // the file is read when it is needed first
    uint32_t frame = options_.all_frames ? 1 : options_.frame;
    uint32_t last = frame;
    for (; frame <= last && !StoppedNow(); ++frame) {
      if (const auto frames = FramesIfDone({file, frame})) {
        last = options_.all_frames ? std::max(last, *frames) : last;
        continue;
      }
      const auto frames = SendShot({file, frame}, request);
      if (!frames.ok()) {
        ReportFailure({file, frame}, frames.status());
      } else if (options_.all_frames) {
        last = std::max(last, *frames);
      }
    }
    return request.has_value();
  }

  // How many frames the file has, if this one is in the table.
  std::optional<uint32_t> FramesIfDone(const Shot& shot) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (!table_.has_value() || !table_->IsDone(shot.file.path, shot.frame)) {
      return std::nullopt;
    }
    ++left_out_;
    return table_->FramesOf(shot.file.path);
  }

  absl::StatusOr<v1::SegmentRequest> RequestFor(const InputFile& file) const {
    v1::SegmentRequest request = RequestWith(options_);
    LINGULA_ASSIGN_OR_RETURN(*request.mutable_image()->mutable_encoded(), ReadFile(file.path));
    LINGULA_ASSIGN_OR_RETURN(*request.mutable_reference_mask(), references_->For(file));
    request.set_want_structured_report(options_.structured_report);
    return request;
  }

  // Sends and writes; how many frames the file has, 0 if it is no DICOM file.
  absl::StatusOr<uint32_t> SendShot(const Shot& shot, std::optional<v1::SegmentRequest>& request)
      ABSL_LOCKS_EXCLUDED(mu_) {
    if (!request.has_value()) {
      LINGULA_ASSIGN_OR_RETURN(request, RequestFor(shot.file));
    }
    // Other files have no frames, and the server would say so.
    const bool has_frames = HasDicomPreamble(request->image().encoded());
    request->mutable_image()->set_frame_number(has_frames ? shot.frame : 0);
    const Instant sent = Clock::Real().Now();
    LINGULA_ASSIGN_OR_RETURN(const v1::SegmentResponse answer,
                             client_.Segment(*request, server_.deadline));
    TableEntry entry{shot.file.path,
                     shot.frame,
                     std::chrono::microseconds(MicrosBetween(sent, Clock::Real().Now())),
                     {}};
    const uint32_t frames = answer.dicom().frame_count();
    const std::string name =
        shot.frame > 0 && frames > 1
            ? absl::StrFormat("%s.frame%04d", shot.file.name, answer.dicom().frame_number())
            : shot.file.name;
    LINGULA_ASSIGN_OR_RETURN(entry.written, WriteResults(options_, name, answer));
    Report(entry, answer);
    return frames;
  }

  void Report(const TableEntry& entry, const v1::SegmentResponse& answer) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    progress_.Clear();
    const std::string what = NameOf(entry.file, entry.frame, answer.dicom().frame_count());
    out_ << (options_.json ? AnswerJson(entry.file, answer, entry.written, entry.round_trip)
                           : columns_.Row(what, answer, entry.round_trip));
    out_.flush();
    if (answer.has_overlap()) {
      overlaps_.Add(answer.overlap());
    }
    if (!answer.notice().empty()) {
      notices_.insert(absl::StrCat(answer.model().name(), ": ", answer.notice()));
    }
    ++reported_;
    if (table_.has_value()) {
      CheckTable(table_->Add(entry, answer));
    }
  }

  static std::string NameOf(const std::string& file, uint32_t frame, uint32_t frames) {
    return frame > 0 && frames != 1 ? absl::StrCat(file, " frame ", frame) : file;
  }

  void ReportFailure(const Shot& shot, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    progress_.Clear();
    const bool first_to_miss_it = code_ != kNotReachable;
    if (first_to_miss_it) {
      code_ = absl::IsUnavailable(status) ? kNotReachable : kSomeFailed;
    }
    const std::string& path = shot.file.path;
    err_ << NameOf(path, shot.frame, 0) << ": " << InWords(status) << "\n";
    if (options_.json) {
      out_ << ErrorJson(path, status);
    }
    if (table_.has_value()) {
      CheckTable(table_->AddFailure(path, shot.frame, status));
    }
    if (code_ == kNotReachable && first_to_miss_it) {
      err_ << "stopped: the server is not available\n";
    }
  }

  void CheckTable(const absl::Status& written) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!written.ok() && !lost_table_) {
      lost_table_ = true;
      code_ = kSomeFailed;
      err_ << "stopped: " << written.message() << "\n";
    }
  }

  void PrintEnd() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    progress_.Clear();
    if (!options_.json) {
      out_ << overlaps_.Text();
    }
    for (const std::string& notice : notices_) {
      (options_.json ? err_ : out_) << notice << "\n";
    }
    if (left_out_ > 0) {
      err_ << left_out_ << " left out: done before, by " << options_.table << "\n";
    }
    if (finished_ < inputs_.files.size() && interruption_.interrupted()) {
      code_ = kSomeFailed;
      err_ << "interrupted: " << reported_ << " done in this run"
           << (options_.table.empty() ? "" : "; --resume goes on from here") << "\n";
    }
  }

  Client& client_;
  const ServerOptions& server_;
  const SegmentOptions& options_;
  std::ostream& out_;
  std::ostream& err_;
  const Inputs inputs_;
  const AnswerTable columns_;
  const Interruption interruption_;
  std::optional<References> references_;
  Mutex mu_;  // out_ and err_ too
  ProgressLine progress_ ABSL_GUARDED_BY(mu_);
  std::optional<ResultTable> table_ ABSL_GUARDED_BY(mu_);
  bool lost_table_ ABSL_GUARDED_BY(mu_) = false;
  OverlapTally overlaps_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> notices_ ABSL_GUARDED_BY(mu_);
  size_t taken_ ABSL_GUARDED_BY(mu_) = 0, finished_ ABSL_GUARDED_BY(mu_) = 0;
  size_t timed_ ABSL_GUARDED_BY(mu_) = 0;  // of the finished ones, those that were sent
  size_t reported_ ABSL_GUARDED_BY(mu_) = 0, left_out_ ABSL_GUARDED_BY(mu_) = 0;
  int code_ = kAllWell;
};

}  // namespace

int Segment(Client& client, const ServerOptions& server, const SegmentOptions& options,
            std::ostream& out, std::ostream& err, bool show_progress) {
  return Segmenter(client, server, options, out, err, show_progress).Run();
}

}  // namespace lingula::cli
