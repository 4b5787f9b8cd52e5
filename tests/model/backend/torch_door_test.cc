#include "model/backend/torch_door.h"

#include <new>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lingula {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TorchDoorTest, SaysThatMemoryIsMissing) {
  const DeviceResult result = WithTorch([] {
    torch::empty({int64_t{1} << 50},
                 torch::kFloat32);  // a petabyte: the allocator of the CPU refuses
    return DeviceResult();
  });
  EXPECT_EQ(result.fault, DeviceFault::kOutOfMemory) << result.what;
  EXPECT_THAT(result.what, Not(HasSubstr("\n")));  // no frames of the stack
}

TEST(TorchDoorTest, SaysSoWithoutTorchToo) {
  EXPECT_EQ(WithTorch([]() -> DeviceResult { throw std::bad_alloc(); }).fault,
            DeviceFault::kOutOfMemory);
}

TEST(TorchDoorTest, SaysWhatElseFailed) {
  const DeviceResult shapes = WithTorch([] {
    torch::zeros({2, 3}).matmul(torch::zeros({2, 3}));
    return DeviceResult();
  });
  EXPECT_EQ(shapes.fault, DeviceFault::kFailed);
  EXPECT_THAT(shapes.what, HasSubstr("2x3"));
  EXPECT_EQ(WithTorch([]() -> DeviceResult { throw std::runtime_error("other"); }).what, "other");
}

TEST(TorchDoorTest, CallersSendAgainWhereMemoryIsMissing) {
  EXPECT_EQ(StatusOf({DeviceFault::kOutOfMemory, "?"}).code(), absl::StatusCode::kUnavailable);
  const absl::Status failed = StatusOf({DeviceFault::kFailed, "shapes"});
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(failed.message(), "the network failed: shapes");
}

TEST(TorchDoorTest, LetsResultsThrough) {
  EXPECT_TRUE(WithTorch([] { return DeviceResult(); }).ok());
}

}  // namespace
}  // namespace lingula
