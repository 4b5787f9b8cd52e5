#include "client/segment_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/mask_files.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula::cli {
namespace {

namespace fs = std::filesystem;

// Each once.
std::set<v1::MaskFormat> Formats(const SegmentOptions& options) {
  std::set<v1::MaskFormat> formats(options.forms.begin(), options.forms.end());
  if (!options.mask_folder.empty() && formats.empty()) {
    formats.insert(v1::MASK_FORMAT_PNG);
  }
  if (!options.overlay_folder.empty()) {
    formats.insert(v1::MASK_FORMAT_OVERLAY_PNG);
  }
  if (options.rle) {
    formats.insert(v1::MASK_FORMAT_COCO_RLE);
  }
  return formats;
}

// Whether `format` was asked for as a file, rather than for the JSON only.
bool IsForFile(const SegmentOptions& options, v1::MaskFormat format) {
  const auto& forms = options.forms;
  return format != v1::MASK_FORMAT_COCO_RLE ||
         std::find(forms.begin(), forms.end(), format) != forms.end();
}

absl::Status Write(const std::string& path, const std::string& content,
                   std::vector<std::string>& written) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);  // of "series1/IM0003"
  LINGULA_RETURN_IF_ERROR(WriteFile(path, content));
  written.push_back(path);
  return absl::OkStatus();
}

absl::Status WriteMasks(const SegmentOptions& options, const std::string& name,
                        const google::protobuf::RepeatedPtrField<v1::Mask>& masks,
                        std::vector<std::string>& written) {
  for (const v1::Mask& mask : masks) {
    const std::string& folder =
        mask.has_overlay_png() ? options.overlay_folder : options.mask_folder;
    const MaskFile file = FileOf(mask);
    if (!folder.empty() && !file.content.empty() && IsForFile(options, mask.format())) {
      LINGULA_RETURN_IF_ERROR(
          Write(absl::StrCat(folder, "/", name, file.ending), file.content, written));
    }
  }
  return absl::OkStatus();
}

}  // namespace

v1::SegmentRequest RequestWith(const SegmentOptions& options) {
  v1::SegmentRequest request;
  request.set_model(options.model);
  request.set_want_location_text(true);
  request.set_viewer_left(options.viewer_left);
  if (!options.report.empty()) {
    request.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
    request.mutable_guidance()->set_report(options.report);
  }
  if (options.threshold.has_value()) {
    request.set_threshold(*options.threshold);
  }
  for (const v1::MaskFormat format : Formats(options)) {
    request.add_mask_formats(format);
  }
  request.set_want_second_opinion(options.second_opinion);
  return request;
}

std::string SettingsDigest(const SegmentOptions& options) {
  v1::SegmentRequest request = RequestWith(options);
  request.set_want_structured_report(options.structured_report);
  const std::string text = absl::StrCat(request.SerializeAsString(), "\n", options.mask_folder,
                                        "\n", options.overlay_folder, "\n", options.reference);
  uint64_t digest = 14695981039346656037ULL;  // FNV-1a
  for (const char c : text) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return absl::StrFormat("%016x", digest);
}

absl::StatusOr<std::vector<std::string>> WriteResults(const SegmentOptions& options,
                                                      const std::string& name,
                                                      const v1::SegmentResponse& answer) {
  std::vector<std::string> written;
  LINGULA_RETURN_IF_ERROR(WriteMasks(options, name, answer.masks(), written));
  LINGULA_RETURN_IF_ERROR(
      WriteMasks(options, name + ".second", answer.second_opinion().masks(), written));
  if (!answer.structured_report().empty() && !options.mask_folder.empty()) {
    LINGULA_RETURN_IF_ERROR(Write(absl::StrCat(options.mask_folder, "/", name, ".sr.dcm"),
                                  answer.structured_report(), written));
  }
  return written;
}

}  // namespace lingula::cli
