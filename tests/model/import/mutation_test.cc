// Thousands of damaged containers: whatever a byte becomes, reading ends with tensors or a
// sentence.
#include <filesystem>
#include <random>

#include "model/base/file.h"
#include "model/import/torch_file.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

class MutationTest : public testing::TestWithParam<const char*> {
 protected:
  // Opens the variant and reads all of it; true when it was whole.
  bool Survives(const std::string& variant) {
    test::Put(path_, variant);
    const auto checkpoint = Checkpoint::Open(path_);
    if (!checkpoint.ok()) {
      EXPECT_FALSE(checkpoint.status().message().empty());
      return false;
    }
    bool whole = true;
    for (const auto& [name, shape] : checkpoint->tensors()) {
      const auto tensor = checkpoint->Load(name);
      whole = whole && tensor.ok();
      if (tensor.ok()) {
        EXPECT_EQ(static_cast<int64_t>(tensor->bytes.size()),
                  *TensorBytes(shape.dtype, shape.shape));
      }
    }
    return whole;
  }

  const std::string original_ = *ReadFile(std::string("tests/golden/containers/") + GetParam());
  std::mt19937 random_{7};

 private:
  test::TempFolder folder_;
  const std::string path_ = folder_.path() + "/variant";
};

TEST_P(MutationTest, FlippedBytes) {
  ASSERT_TRUE(Survives(original_));
  // Most of a file is weights; the structure is at its ends.
  const size_t structure = std::min<size_t>(original_.size(), 2600);
  for (int i = 0; i < 1200; ++i) {
    std::string variant = original_;
    for (int flips = 1 + i % 3; flips > 0; --flips) {
      const size_t offset = random_() % structure;
      const size_t at = i % 2 == 0 ? offset : variant.size() - 1 - offset;
      variant[at] = static_cast<char>(random_());
    }
    Survives(variant);
  }
}

TEST_P(MutationTest, CutShort) {
  for (int i = 0; i < 400; ++i) {
    const size_t length = i < 200 ? i : random_() % original_.size();
    EXPECT_FALSE(Survives(original_.substr(0, length))) << length;
  }
}

TEST_P(MutationTest, PiecesMoved) {
  for (int i = 0; i < 400; ++i) {
    const size_t from = random_() % original_.size();
    const size_t to = random_() % original_.size();
    std::string variant = original_;
    variant.replace(to, 1 + random_() % 64, original_.substr(from, random_() % 64));
    Survives(variant);
  }
}

INSTANTIATE_TEST_SUITE_P(All, MutationTest,
                         testing::Values("lightning.ckpt", "bare_state_dict_legacy.ckpt",
                                         "covid_0007_vision.pkl"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace lingula
