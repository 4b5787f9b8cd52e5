#include "client/console/memory_file.h"

#include <filesystem>
#include <utility>

#include <gmock/gmock.h>

#include "model/base/file.h"
#include "tests/support/status_matchers.h"

namespace lingula::console {
namespace {

TEST(MemoryFile, IsReadByItsPathAndGoneAfterwards) {
  std::string path;
  {
    auto made = MemoryFile::Create();
    ASSERT_THAT(made.status(), test::IsOk());
    MemoryFile file = *std::move(made);
    ASSERT_THAT(file.Append("one "), test::IsOk());
    ASSERT_THAT(file.Append(std::string("t\0o", 3)), test::IsOk());
    path = file.path();
    const auto content = ReadFile(path);
    ASSERT_THAT(content.status(), test::IsOk());
    EXPECT_EQ(*content, std::string("one t\0o", 7));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace lingula::console
