#include "model/prototypes/caption_tower.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

constexpr char kWords[] = "words";
constexpr int64_t kLargest = 1 << 20;  // of any size: larger ones are a damaged file

BertOptions BertSizes(const CaptionTowerOptions& o) {
  BertOptions b;
  b.vocabulary = o.words;
  b.positions = o.tokens;
  b.hidden = o.hidden;
  b.heads = o.heads;
  b.layers = o.layers;
  b.feed_forward = o.feed_forward;
  b.dropout = o.dropout;
  b.root.clear();
  return b;
}

// The sizes in the metadata.
std::map<std::string, int64_t*> Sizes(CaptionTowerOptions& o) {
  return {{"capacity", &o.words},
          {"tokens", &o.tokens},
          {"hidden", &o.hidden},
          {"heads", &o.heads},
          {"layers", &o.layers},
          {"feed_forward", &o.feed_forward},
          {"response_dim", &o.response_dim}};
}

}  // namespace

CaptionTowerImpl::CaptionTowerImpl(const CaptionTowerOptions& o)
    : options_(o),
      bert_(register_module("bert", Bert(BertSizes(o)))),
      proj_(register_module(
          "proj",
          torch::nn::Linear(torch::nn::LinearOptions(o.hidden, o.response_dim).bias(false)))) {}

torch::Tensor CaptionTowerImpl::forward(const torch::Tensor& ids) {
  return proj_(bert_(ids, ids.ne(0)).select(1, 0));
}

torch::Tensor EmbedCaptions(CaptionTower& tower, const CaptionWords& words,
                            const std::vector<std::string>& captions) {
  std::map<absl::string_view, int64_t> rows;  // of the distinct captions
  std::vector<int64_t> ids, row_of;
  const auto tokens = static_cast<int>(tower->options().tokens);
  for (const std::string& caption : captions) {
    const auto [found, added] = rows.emplace(caption, static_cast<int64_t>(rows.size()));
    if (added) {
      const std::vector<int64_t> encoded = words.Encode(caption, tokens);
      ids.insert(ids.end(), encoded.begin(), encoded.end());
    }
    row_of.push_back(found->second);
  }
  const auto device = tower->parameters().front().device();
  const auto distinct = torch::tensor(ids, torch::kInt64).view({-1, tokens}).to(device);
  return tower(distinct).index_select(0, torch::tensor(row_of, torch::kInt64).to(device));
}

absl::Status SaveCaptionTower(const std::string& path, const CaptionTower& tower,
                              const CaptionWords& words) {
  CaptionTowerOptions options = tower->options();
  std::map<std::string, std::string> metadata = {{kWords, words.Lines()}};
  for (const auto& [name, size] : Sizes(options)) {
    metadata[name] = absl::StrCat(*size);
  }
  TensorWriter writer;
  writer.AddState(*tower, "");
  return writer.Write(path, metadata);
}

absl::StatusOr<SavedCaptionTower> LoadCaptionTower(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors file, SafeTensors::Open(path));
  const auto& metadata = file.metadata();
  CaptionTowerOptions options;
  for (const auto& [name, size] : Sizes(options)) {
    const auto found = metadata.find(name);
    if (found == metadata.end() || !absl::SimpleAtoi(found->second, size) || *size < 1 ||
        *size > kLargest) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": is not a text tower of lingula-train: its metadata has no ", name));
    }
  }
  const auto lines = metadata.find(kWords);
  LINGULA_ASSIGN_OR_RETURN(CaptionWords words,
                           CaptionWords::Parse(lines == metadata.end() ? "" : lines->second));
  if (words.size() > options.words || options.hidden % options.heads != 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": has ", words.size(),
                                                   " words for a capacity of ", options.words,
                                                   ", or heads that do not divide its width"));
  }
  CaptionTower tower(options);
  LINGULA_RETURN_IF_ERROR(LoadState(*tower, file));
  tower->eval();
  return SavedCaptionTower{std::move(tower), std::move(words)};
}

}  // namespace lingula
