#include "model/nets/prolearn/clip_text.h"

namespace lingula {
namespace {

torch::nn::Linear Unbiased(int64_t in, int64_t out) {
  return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(false));
}

}  // namespace

BertOptions ClipTextOptions::BiomedBert() {
  BertOptions bert;
  bert.dropout = 0.1;
  bert.root.clear();
  return bert;
}

ClipTextImpl::ClipTextImpl(const ClipTextOptions& o)
    : transformer_(register_module("transformer", Bert(o.bert))) {
  auto proj = register_module("proj", torch::nn::Sequential());
  widen_ = proj->register_module("0", Unbiased(o.bert.hidden, o.hidden));
  narrow_ = proj->register_module("2", Unbiased(o.hidden, o.dim));
}

torch::Tensor ClipTextImpl::forward(const torch::Tensor& ids, const Tap& tap) {
  const auto states = transformer_(ids, ids.ne(0));
  if (tap) {
    tap("hidden", states);
  }
  return narrow_(torch::gelu(widen_(states.select(1, 0))));
}

}  // namespace lingula
