#include "model/image/jpeg_file.h"

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>  // jpeglib.h needs it
#include <cstdlib>
#include <string>

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

bool Encode(jpeg_compress_struct& jpeg, ErrorSink& sink, const cv::Mat& bgr, int quality,
            unsigned char*& file, unsigned long& bytes) {  // NOLINT: libjpeg's types
  if (setjmp(sink.jump) != 0) {
    return false;
  }
  jpeg_create_compress(&jpeg);  // clears all but `err`
  jpeg_mem_dest(&jpeg, &file, &bytes);
  jpeg.image_width = static_cast<JDIMENSION>(bgr.cols);
  jpeg.image_height = static_cast<JDIMENSION>(bgr.rows);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_EXT_BGR;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(bgr.ptr(static_cast<int>(jpeg.next_scanline)));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
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

absl::StatusOr<std::string> EncodeJpeg(const cv::Mat& bgr, int quality) {
  if (bgr.type() != CV_8UC3 || bgr.empty() || std::max(bgr.cols, bgr.rows) > JPEG_MAX_DIMENSION) {
    return absl::InvalidArgumentError("only 8-bit BGR pictures of 1 to 65500 pixels a side");
  }
  ErrorSink sink{};
  jpeg_compress_struct jpeg{};
  jpeg.err = jpeg_std_error(&sink.base);
  sink.base.error_exit = Stop;
  unsigned char* content = nullptr;  // libjpeg takes it with malloc and leaves it to us
  unsigned long bytes = 0;           // NOLINT: libjpeg's type
  const bool done = Encode(jpeg, sink, bgr, quality, content, bytes);
  jpeg_destroy_compress(&jpeg);
  if (!done) {  // `content` may be stale after a failure, so it is not freed
    return absl::InternalError(absl::StrCat("cannot write a JPEG file: ", sink.reason));
  }
  std::string file(reinterpret_cast<const char*>(content), bytes);
  std::free(content);
  return file;
}

}  // namespace lingula
