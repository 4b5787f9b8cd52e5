#include "client/segment_arguments.h"

#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/mask_files.h"

namespace lingula::cli {
namespace {

constexpr int kMaxJobs = 64;

const std::map<std::string, v1::ViewerLeft>& ViewerLeftNames() {
  static const auto& names = *new std::map<std::string, v1::ViewerLeft>{
      {"patient-right", v1::VIEWER_LEFT_IS_PATIENT_RIGHT},
      {"patient-left", v1::VIEWER_LEFT_IS_PATIENT_LEFT}};
  return names;
}

std::string FormList() {
  return absl::StrJoin(MaskFormNames(), "|", [](std::string* out, const auto& form) {
    absl::StrAppend(out, form.first);
  });
}

// Empty for "all" and numbers from 1, else what is wrong.
std::string CheckFrames(const std::string& text) {
  uint32_t frame = 0;
  const bool good = text == "all" || (absl::SimpleAtoi(text, &frame) && frame > 0);
  return good ? std::string() : "must be a number from 1, or all, got " + text;
}

}  // namespace

std::string CheckThreshold(const std::string& text) {
  float value = 0;
  const bool good = absl::SimpleAtof(text, &value) && value > 0 && value < 1;
  return good ? std::string() : "must be greater than 0 and less than 1, got " + text;
}

void AddViewerLeft(CLI::App& verb, v1::ViewerLeft& into) {
  verb.add_option("--viewer-left", into,
                  "Whose side the left of the image shows; default: unknown, or as a DICOM file "
                  "says")
      ->transform(CLI::CheckedTransformer(ViewerLeftNames()).description(""))
      ->type_name("patient-right|patient-left");
}

SegmentArguments::SegmentArguments(CLI::App& app)
    : verb_(app.add_subcommand("segment", "Segment image files")) {
  AddInputs();
  AddGuidance();
  AddResults();
}

void SegmentArguments::AddInputs() {
  verb_
      ->add_option("FILE", options_.inputs,
                   "PNG, JPEG and DICOM files, or folders of them; in folders DICOM files are told "
                   "by content")
      ->required();
  verb_->add_flag("--recursive", options_.recursive, "Look into folders below folders too");
  verb_
      ->add_option("--frames", frames_,
                   "Which frame of DICOM files with several, from 1, or all; default: the first")
      ->check(CheckFrames)
      ->type_name("N|all");
  verb_->add_option("--jobs", options_.jobs, "Requests under way at a time")
      ->check(CLI::Range(1, kMaxJobs))
      ->capture_default_str();
  verb_
      ->add_option("--reference", options_.reference,
                   "Compare with this mask, or with STEM.png in this folder: true Dice, Jaccard "
                   "and HD95")
      ->type_name("FILE|DIR");
}

void SegmentArguments::AddGuidance() {
  verb_->add_option("--model", options_.model, "NAME or NAME@VERSION; default: the server's");
  verb_
      ->add_option("--threshold", threshold_,
                   "Probability from which a pixel belongs to the mask, in (0, 1)")
      ->check(CheckThreshold);
  verb_
      ->add_option("--report", options_.report,
                   "Guide the mask by this report instead of the model's own way")
      ->type_name("TEXT");
  verb_->add_flag("--second-opinion", options_.second_opinion,
                  "Show what changes under the guidance that came second");
  AddViewerLeft(*verb_, options_.viewer_left);
}

void SegmentArguments::AddResults() {
  verb_->add_flag("--json", options_.json, "One JSON object a file instead of a table");
  verb_->add_option("--out", options_.mask_folder, "Write NAME.mask.png into this folder");
  verb_
      ->add_option("--overlay", overlay_,
                   "Write NAME.overlay.png into DIR, by default that of --out. The next word is "
                   "DIR unless it is an image file")
      ->expected(0, 1)
      ->type_name("[DIR]");
  verb_
      ->add_option("--form", options_.forms,
                   "Forms of the masks in --out, separated by commas; default: png. rle and "
                   "polygons also stand in the JSON; the DICOM forms need DICOM files")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->transform(CLI::CheckedTransformer(MaskFormNames()).description(""))
      ->type_name(FormList());
  verb_->add_flag("--structured-report", options_.structured_report,
                  "Write a DICOM report of the measurements, NAME.sr.dcm, into --out");
  verb_->add_flag("--rle", options_.rle, "Ask for COCO run lengths (in the JSON)");
  verb_->add_option("--csv", options_.table, "Write a table, one row a picture")->type_name("FILE");
  verb_->add_flag("--resume", options_.resume,
                  "Go on with the table of --csv: leave out what it says is done");
}

std::string SegmentArguments::CheckResults() const {
  for (const v1::MaskFormat form : options_.forms) {
    if (options_.mask_folder.empty() && !(options_.json && StandsInJson(form))) {
      return "--form needs a folder for the files: --out DIR";
    }
  }
  if (options_.structured_report && options_.mask_folder.empty()) {
    return "--structured-report needs a folder for the files: --out DIR";
  }
  if (options_.resume && options_.table.empty()) {
    return "--resume needs the table that says what is done: --csv FILE";
  }
  if (options_.second_opinion && !options_.report.empty()) {
    return "--second-opinion asks which guidance came second; with --report there is but one";
  }
  return "";
}

std::string SegmentArguments::Settle() {
  if (verb_->count("--threshold") > 0) {
    options_.threshold = threshold_;
  }
  options_.all_frames = frames_ == "all";
  if (!frames_.empty() && !options_.all_frames && !absl::SimpleAtoi(frames_, &options_.frame)) {
    return "--frames: " + CheckFrames(frames_);
  }
  if (std::string problem = CheckResults(); !problem.empty()) {
    return problem;
  }
  if (verb_->count("--overlay") > 0) {
    const bool named = !overlay_.empty() && overlay_ != "-";
    options_.overlay_folder = named ? overlay_ : options_.mask_folder;
    if (options_.overlay_folder.empty()) {
      return "--overlay needs a folder: --overlay DIR, or --out DIR beside it";
    }
  }
  return "";
}

}  // namespace lingula::cli
