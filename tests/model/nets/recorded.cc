#include "tests/model/nets/recorded.h"

#include <cstring>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/file.h"

namespace lingula::test {
namespace {

constexpr char kFolder[] = "tests/golden/";

torch::ScalarType TypeOf(DType dtype) {
  return dtype == DType::kF64   ? torch::kFloat64
         : dtype == DType::kI32 ? torch::kInt32
                                : torch::kFloat32;
}

}  // namespace

Recorded::Recorded(const std::string& name)
    : file_(SafeTensors::Open(absl::StrCat(kFolder, "nets/", name, ".safetensors")).value()) {}

torch::Tensor Recorded::Get(const std::string& name) const {
  const TensorView view = file_.Get(name).value();
  auto tensor = torch::empty(view.shape, TypeOf(view.dtype));
  std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

std::string Recorded::Note(const std::string& key) const {
  return file_.metadata().at(key);
}

void Recorded::Expect(const std::string& name, const torch::Tensor& actual) const {
  const double tolerance = std::stod(Note(name + ".atol"));
  ASSERT_EQ(absl::StrJoin(actual.sizes(), ","), Note(name + ".shape")) << name;
  const auto flat = actual.detach().contiguous().view(-1).to(torch::kFloat64);
  const auto sample = flat.slice(0, 0, flat.numel(), std::stoll(Note(name + ".stride")));
  const double difference = MaxDifference(sample, Get(name + ".sample"));
  EXPECT_LE(difference, tolerance) << name;
  testing::Test::RecordProperty(name, absl::StrCat(difference, " of ", tolerance));
  // Mean, population standard deviation, Euclidean norm, minimum, maximum of all values.
  const auto found =
      torch::stack({flat.mean(), flat.std(false), flat.norm(), flat.min(), flat.max()});
  const auto scale = torch::tensor({1.0, 1.0, std::sqrt(flat.numel()), 1.0, 1.0}, torch::kFloat64);
  EXPECT_LE(MaxDifference(found / scale, Get(name + ".stats") / scale), tolerance) << name;
}

torch::Tensor SyntheticImages() {
  auto images = torch::empty({2, 1, 224, 224});
  for (int i = 0; i < 2; ++i) {
    const std::string bytes =
        ReadFile(absl::StrCat(kFolder, "preprocess/synthetic", i, "_224x224_to_224.f32")).value();
    TORCH_CHECK(bytes.size() == images[i].nbytes());
    std::memcpy(images[i].data_ptr(), bytes.data(), bytes.size());
  }
  return images.expand({2, 3, 224, 224}).contiguous();
}

double MaxDifference(const torch::Tensor& a, const torch::Tensor& b) {
  TORCH_CHECK(a.sizes() == b.sizes());
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

}  // namespace lingula::test
