#include "model/base/file.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::IsOkAndHolds;
using test::StatusIs;
using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "lingula_file_test_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(FileTest, ComesBackAsItWasWritten) {
  const std::string path = folder_ + "/file";
  for (const std::string& content :
       {std::string("a\0\r\n\xff", 5), std::string(), std::string(1 << 20, 'x')}) {
    ASSERT_THAT(WriteFile(path, content), IsOk());
    EXPECT_THAT(ReadFile(path), IsOkAndHolds(content));
  }
}

TEST_F(FileTest, LeavesNothingElseBehind) {
  ASSERT_THAT(WriteFile(folder_ + "/file", "text"), IsOk());
  const std::filesystem::directory_iterator files(folder_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(FileTest, NamesWhatIsMissing) {
  const std::string path = folder_ + "/nowhere/file";
  EXPECT_THAT(ReadFile(path), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
  EXPECT_THAT(WriteFile(path, "text"), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
}

TEST_F(FileTest, FolderIsNoFile) {
  EXPECT_THAT(ReadFile(folder_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a plain file")));
  EXPECT_FALSE(WriteFile(folder_, "text").ok());
}

TEST_F(FileTest, ReadsNoMoreThanAllowed) {
  const std::string path = folder_ + "/file";
  ASSERT_THAT(WriteFile(path, "1234"), IsOk());
  EXPECT_THAT(ReadFile(path, 4), IsOkAndHolds("1234"));
  EXPECT_THAT(ReadFile(path, 3), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr(path + ": has 4 bytes; at most 3 are read")));
  // A hole costs nothing on disk and would cost all memory.
  std::filesystem::resize_file(path, uintmax_t{kMaxFileBytes} + 1);
  EXPECT_THAT(ReadFile(path), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most")));
}

TEST_F(FileTest, AFileThatCannotBeReadIsAnError) {
  const std::string path = "/proc/self/mem";  // a plain file without an end
  EXPECT_THAT(ReadFile(path), StatusIs(absl::StatusCode::kInternal, HasSubstr(path)));
}

}  // namespace
}  // namespace lingula
