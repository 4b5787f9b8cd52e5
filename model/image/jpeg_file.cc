#include "model/image/jpeg_file.h"

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <jerror.h>

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

// A progressive file may hold any number of scans over the whole picture, each costing a full pass;
// encoders write about ten.
constexpr int kMaxScans = 100;

// libjpeg hands these back to its callbacks; the library's own part must come first. Errors arrive
// by longjmp: functions that call libjpeg after setjmp create nothing with a destructor.
struct ErrorSink {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char reason[JMSG_LENGTH_MAX];
};

[[noreturn]] void Stop(j_common_ptr jpeg) {
  auto* sink = reinterpret_cast<ErrorSink*>(jpeg->err);
  jpeg->err->format_message(jpeg, sink->reason);
  std::longjmp(sink->jump, 1);
}

// Level below 0: damaged data that libjpeg is ready to paint over.
void OnMessage(j_common_ptr jpeg, int level) {
  const int code = jpeg->err->msg_code;
  if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM) {
    Stop(jpeg);
  }
}

void OnProgress(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMaxScans) {
    jpeg->err->msg_code = JERR_BAD_PROGRESSION;
    Stop(jpeg);
  }
}

bool Decode(jpeg_decompress_struct& jpeg, jpeg_progress_mgr& progress, ErrorSink& sink,
            absl::string_view file, cv::Mat& pixels) {
  if (setjmp(sink.jump) != 0) {
    return false;
  }
  jpeg_create_decompress(&jpeg);  // clears all but `err`
  jpeg.progress = &progress;
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = pixels.channels() == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_start_decompress(&jpeg);
  if (static_cast<int>(jpeg.output_width) != pixels.cols ||
      static_cast<int>(jpeg.output_height) != pixels.rows) {
    ERREXIT(&jpeg, JERR_SOF_DUPLICATE);
  }
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixels.ptr(static_cast<int>(jpeg.output_scanline));
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);  // reads to the end marker
  return true;
}

}  // namespace

absl::StatusOr<cv::Mat> DecodeJpeg(absl::string_view file, const ImageHeader& header,
                                   int channels) {
  cv::Mat pixels(header.height, header.width, CV_8UC(channels));
  ErrorSink sink{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct jpeg{};
  jpeg.err = jpeg_std_error(&sink.base);
  sink.base.error_exit = Stop;
  sink.base.emit_message = OnMessage;
  progress.progress_monitor = OnProgress;
  const bool done = Decode(jpeg, progress, sink, file, pixels);
  jpeg_destroy_decompress(&jpeg);
  if (!done) {
    return absl::InvalidArgumentError(
        absl::StrCat("image: the JPEG file is truncated or damaged: ", sink.reason));
  }
  return pixels;
}

}  // namespace lingula
