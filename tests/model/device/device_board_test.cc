#include "model/device/device_board.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

TEST(DeviceBoard, ListsFiguresByDevice) {
  DeviceBoard board;
  board.Add("cuda:1", [] { return DeviceMemory{100, 60, 30}; });
  board.CountOutOfMemory("cuda:1");
  board.CountOutOfMemory("cuda:1");
  board.Add("cuda:0", nullptr);
  const auto figures = board.figures();
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].device, "cuda:0");
  EXPECT_EQ(figures[1].memory.total, 100U);
  EXPECT_EQ(figures[1].memory.free, 60U);
  EXPECT_EQ(figures[1].memory.reserved, 30U);
  EXPECT_EQ(figures[1].out_of_memory, 2);
}

TEST(DeviceBoard, ALossIsHeardOnceAndByWhoComesLater) {
  DeviceBoard board;
  EXPECT_THAT(board.health(), IsOk());
  int heard = 0;
  const auto listener = [&heard](const absl::Status& status) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cuda:1 is lost")));
    ++heard;
  };
  board.OnLost(listener);
  board.ReportLost("cuda:1", "fell off the bus");
  board.ReportLost("cuda:2", "follows from it");
  EXPECT_EQ(heard, 1);
  board.OnLost(listener);
  EXPECT_EQ(heard, 2);
  EXPECT_THAT(board.health(), StatusIs(absl::StatusCode::kUnavailable));
  board.Add("cuda:0", nullptr);
  for (const DeviceFigures& device : board.figures()) {
    EXPECT_EQ(device.is_lost, device.device != "cuda:0") << device.device;
  }
}

TEST(DeviceBoard, ALostDeviceIsNotAsked) {
  DeviceBoard board;
  int asked = 0;
  board.Add("cuda:0", [&asked] {
    ++asked;
    return DeviceMemory{1, 1, 1};
  });
  board.ReportLost("cuda:0", "gone");
  EXPECT_EQ(board.figures().front().memory.total, 0U);
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace lingula
