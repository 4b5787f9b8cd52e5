// What the command lines of `lingula segment` and `lingula stream` ask for.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/channel_security.h"
#include "lingula/v1/image.pb.h"
#include "lingula/v1/mask.pb.h"
#include "lingula/v1/stream.pb.h"

namespace lingula::cli {

// Exit codes that scripts rely on.
inline constexpr int kAllWell = 0;
inline constexpr int kSomeFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNotReachable = 3;

struct ServerOptions {
  std::string target = "127.0.0.1:8500";
  ChannelSecurity security;
  std::chrono::milliseconds deadline{30000};  // of one call
};

struct SegmentOptions {
  std::vector<std::string> inputs;    // files and folders, as given
  std::string model;                  // empty: the server's default
  std::string mask_folder;            // empty: no mask files
  std::string overlay_folder;         // empty: no overlay files
  std::vector<v1::MaskFormat> forms;  // of mask files; none: PNG, if there is a folder for it
  std::string reference;              // a mask to compare with, or a folder of them; empty: none
  std::string table;                  // CSV file to write; empty: none
  bool json = false;                  // one object a file instead of the table
  bool rle = false;                   // with COCO run lengths
  std::optional<float> threshold;     // in (0, 1)
  std::string report;                 // empty: the model guides itself
  v1::ViewerLeft viewer_left = v1::VIEWER_LEFT_UNSPECIFIED;
  bool recursive = false;          // folders below the inputs too
  bool resume = false;             // leave out what `table` holds already
  bool second_opinion = false;     // with the mask under the guidance that came second
  bool structured_report = false;  // of DICOM files, into mask_folder
  uint32_t frame = 0;              // of a DICOM file, from 1; 0: the first
  bool all_frames = false;         // of a DICOM file, one after the other
  int jobs = 1;                    // requests under way at a time
};

struct StreamOptions {
  std::string input;  // a video, a folder, or "-"
  std::string model;  // empty: the server's default
  std::string out;    // overlay: a folder, FILE.avi or FILE.mjpeg; empty: none
  v1::StreamPolicy policy = v1::STREAM_POLICY_EVERY_FRAME;
  uint32_t max_frame_age_ms = 0;   // 0: no limit
  float smoothing = 0;             // weight of the frames before, in [0, 0.95]
  std::optional<double> fps;       // none: the video's own; 0: as fast as the server takes them
  std::optional<float> threshold;  // in (0, 1)
  bool json = false;               // one object a frame, and one for the summary
};

}  // namespace lingula::cli
