// ProLearn at its published size: the state dict, and what folding saves.
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "model/base/file.h"
#include "model/nets/prolearn/prolearn.h"
#include "tests/model/nets/mac_counter.h"

namespace lingula {
namespace {

using test::MacCounter;

// What a published checkpoint holds besides: a second BiomedCLIP, and what only training used.
bool Ignored(absl::string_view key) {
  for (const char* start :
       {"model.text_encoder.", "model.prototype.approx.", "model.prototype.encoder.itm_head.",
        "model.prototype.encoder.model.text.", "model.vision_encoder.model.layernorm."}) {
    if (absl::StartsWith(key, start)) {
      return true;
    }
  }
  return absl::StrContains(key, "logit_scale");
}

// Lines of key, type and shape.
std::set<std::string> PublishedKeys() {
  const std::string text = ReadFile("tests/golden/parity/prolearn.keys").value();
  std::set<std::string> keys;
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (!Ignored(line)) {
      keys.emplace(line);
    }
  }
  return keys;
}

void AddKeys(const torch::OrderedDict<std::string, torch::Tensor>& tensors,
             std::set<std::string>& keys) {
  for (const auto& item : tensors) {
    keys.insert(absl::StrCat("model.", item.key(), "\t",
                             item.value().is_floating_point() ? "float32" : "int64", "\t",
                             absl::StrJoin(item.value().sizes(), ",")));
  }
}

class PublishedProlearnTest : public testing::Test {
 protected:
  static Prolearn Make() {
    ProlearnOptions options;
    options.encoder = ConvNextOptions();
    Prolearn net(options);
    net->eval();
    return net;
  }

  template <typename Work>
  double Gmac(const Work& work) {
    const MacCounter counter;
    work();
    return static_cast<double>(counter.macs()) / 1e9;
  }

  torch::NoGradGuard no_grad_;
  Prolearn net_ = Make();
};

TEST_F(PublishedProlearnTest, StateDict) {
  std::set<std::string> keys;
  AddKeys(net_->named_parameters(), keys);
  AddKeys(net_->named_buffers(), keys);
  EXPECT_EQ(keys.size(), 583);
  EXPECT_EQ(keys, PublishedKeys());
}

// The published count is 29.5 GMAC: 17.564 for the query, 4.455 for the encoder, the rest below,
// where the head is one convolution instead of two: 0.043 for 1.042.
TEST_F(PublishedProlearnTest, Work) {
  const auto image = torch::zeros({1, 3, 224, 224});
  const auto features = net_->Encode(image);
  const auto response = torch::zeros({1, 3, 512});
  const auto decode = [&](const Features& f) { net_->Decode(f, response, {}); };
  EXPECT_NEAR(Gmac([&] { net_->Embed(image); }), 17.564, 1e-3);
  EXPECT_NEAR(Gmac([&] { decode(features); }),
              1.020 + 1.043 + 1.249 + 0.197 + 0.642 + 2.308 + 0.043, 2e-3);
  net_->Fold(torch::kFloat32, true);
  const auto grey = torch::zeros({1, 1, 224, 224}).contiguous(torch::MemoryFormat::ChannelsLast);
  EXPECT_LE(Gmac([&] { net_->Embed(grey); }), 16.01);
  // Not counted: convolutions of the up-blocks and the head, 2.38 GMAC (MacCounter says why).
  const auto folded = net_->Encode(grey);
  EXPECT_LE(Gmac([&] { decode(folded); }), 0.70);
}

}  // namespace
}  // namespace lingula
