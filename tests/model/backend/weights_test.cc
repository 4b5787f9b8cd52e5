#include "model/backend/weights.h"

#include <limits>
#include <string>

#include <gmock/gmock.h>

#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A linear layer, a norm and a position code.
torch::nn::Sequential MakeModule() {
  torch::nn::Sequential module(torch::nn::Linear(3, 2), torch::nn::BatchNorm1d(2));
  module->register_buffer("pe_holder", torch::zeros({1}));
  module[0]->register_buffer("pe", torch::ones({4}));
  torch::NoGradGuard no_grad;
  for (auto& buffer : module[1]->buffers()) {
    buffer.fill_(7);
  }
  return module;
}

class WeightsTest : public testing::Test {
 protected:
  std::string Path() const { return folder_.path() + "/weights.safetensors"; }
  SafeTensors Written(const TensorWriter& writer) {
    EXPECT_THAT(writer.Write(Path()), IsOk());
    return SafeTensors::Open(Path()).value();
  }
  test::TempFolder folder_;
};

TEST_F(WeightsTest, StateLeavesPositionCodesOut) {
  const auto state = StateOf(*MakeModule());
  std::vector<std::string> names;
  for (const auto& [name, tensor] : state) {
    names.push_back(name);
  }
  EXPECT_THAT(names, ElementsAre("0.bias", "0.weight", "1.bias", "1.num_batches_tracked",
                                 "1.running_mean", "1.running_var", "1.weight", "pe_holder"));
}

TEST_F(WeightsTest, RoundTripIsExact) {
  auto from = MakeModule(), to = MakeModule();
  TensorWriter writer;
  writer.AddState(*from, "net/");
  writer.Add("other/thing", torch::zeros({5}));
  const SafeTensors file = Written(writer);
  ASSERT_THAT(LoadState(*to, file, "net/"), IsOk());
  auto target = StateOf(*to);
  for (const auto& [name, tensor] : StateOf(*from)) {
    EXPECT_TRUE(target[name].equal(tensor)) << name;
    EXPECT_EQ(target[name].scalar_type(), tensor.scalar_type()) << name;
  }
}

TEST_F(WeightsTest, HalfStorageIsForMatricesOnly) {
  TensorWriter writer;
  writer.AddState(*MakeModule(), "", true);
  const SafeTensors file = Written(writer);
  for (const auto& [name, view] : file.tensors()) {
    const DType wanted = name == "0.weight"                ? DType::kF16
                         : name == "1.num_batches_tracked" ? DType::kI64
                                                           : DType::kF32;
    EXPECT_EQ(view.dtype, wanted) << name;
  }
  auto to = MakeModule();
  ASSERT_THAT(LoadState(*to, file), IsOk());
  EXPECT_EQ(StateOf(*to)["0.weight"].scalar_type(), torch::kFloat32);
}

TEST_F(WeightsTest, KeepsEveryTypeItTakes) {
  TensorWriter writer;
  const std::map<std::string, torch::Tensor> tensors = {
      {"i64", torch::tensor({int64_t{1} << 40})},
      {"i32", torch::tensor({-5}, torch::kInt32)},
      {"u8", torch::tensor({200}, torch::kUInt8)},
      {"bool", torch::tensor({true, false})},
      {"f32", torch::tensor({0.1F})},
      {"transposed", torch::arange(6.0F).view({2, 3}).t()}};
  for (const auto& [name, tensor] : tensors) {
    writer.Add(name, tensor);
  }
  const SafeTensors file = Written(writer);
  for (const auto& [name, tensor] : tensors) {
    const auto read = ToTensor(file.Get(name).value());
    ASSERT_THAT(read, IsOk()) << name;
    EXPECT_TRUE(read->equal(tensor)) << name;
    EXPECT_EQ(read->scalar_type(), tensor.scalar_type()) << name;
  }
}

TEST_F(WeightsTest, NamesEveryProblemAtOnce) {
  auto state = StateOf(*MakeModule());
  state.erase("0.bias");
  state["0.weight"] = torch::zeros({2, 4});
  state["1.running_var"] = torch::full({2}, std::numeric_limits<float>::quiet_NaN());
  state["1.weight"] = torch::full({2}, std::numeric_limits<float>::infinity());
  state["extra"] = torch::zeros({1});
  TensorWriter writer;
  for (const auto& [name, tensor] : state) {
    writer.Add(name, tensor);
  }
  auto module = MakeModule();
  EXPECT_THAT(LoadState(*module, Written(writer)),
              StatusIs(kInvalid, AllOf(HasSubstr("0.bias: is missing"),
                                       HasSubstr("0.weight: has the shape [2, 4], needs [2, 3]"),
                                       HasSubstr("1.running_var: holds a value that is not finite"),
                                       HasSubstr("1.weight: holds a value that is not finite"),
                                       HasSubstr("extra: is not part of this network"),
                                       Not(HasSubstr("1.bias")), Not(HasSubstr("running_mean")))));
}

TEST_F(WeightsTest, HalfOverflowIsNotFinite) {
  auto module = MakeModule();
  {
    torch::NoGradGuard no_grad;
    StateOf(*module)["0.weight"].fill_(1e6F);  // float16 ends at 65504
  }
  TensorWriter writer;
  writer.AddState(*module, "", true);
  EXPECT_THAT(LoadState(*module, Written(writer)), StatusIs(kInvalid, HasSubstr("0.weight")));
}

}  // namespace
}  // namespace lingula
