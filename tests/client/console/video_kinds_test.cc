#include "client/console/video_kinds.h"

#include <string>

#include <gtest/gtest.h>

namespace lingula::console {
namespace {

TEST(VideoKinds, TellsContainersByTheirStart) {
  std::string transport(400, 'x');
  transport[0] = transport[188] = '\x47';
  for (const std::string& start :
       {std::string("\0\0\0\x20"
                    "ftypisom",
                    12),
        std::string("RIFF\0\0\0\0AVI LIST", 16), std::string("\x1a\x45\xdf\xa3 webm"),
        std::string("\0\0\x01\xba", 4), std::string("OggS\0", 5), std::string("\xff\xd8\xff\xe0"),
        transport}) {
    EXPECT_TRUE(LooksLikeVideo(start));
  }
}

TEST(VideoKinds, PlayListsScriptsAndPicturesAreNone) {
  for (const char* start : {"", "#EXTM3U\nfile", "ffconcat version 1.0", "v=0\no=- 0 0 IN IP4",
                            "\x89PNG\r\n", "RIFF    WAVE", "GIF89a", "<?xml version='1.0'?>"}) {
    EXPECT_FALSE(LooksLikeVideo(start)) << start;
  }
}

}  // namespace
}  // namespace lingula::console
