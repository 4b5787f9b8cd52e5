#include "model/nets/bert.h"

namespace lingula {
namespace {

constexpr double kNormEps = 1e-12;

torch::nn::LayerNorm MakeNorm(int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(kNormEps));
}

// A child that only carries a name of the state dict.
torch::nn::Sequential Folder(torch::nn::Module& parent, const std::string& name) {
  return parent.register_module(name, torch::nn::Sequential());
}

}  // namespace

BertImpl::BertImpl(const BertOptions& o) : options_(o) {
  const int64_t h = o.hidden;
  torch::nn::Module& root =
      o.root.empty() ? static_cast<torch::nn::Module&>(*this) : *Folder(*this, o.root);
  auto embeddings = Folder(root, "embeddings");
  words_ = embeddings->register_module("word_embeddings", torch::nn::Embedding(o.vocabulary, h));
  positions_ =
      embeddings->register_module("position_embeddings", torch::nn::Embedding(o.positions, h));
  types_ = embeddings->register_module("token_type_embeddings", torch::nn::Embedding(2, h));
  norm_ = embeddings->register_module("LayerNorm", MakeNorm(h));
  auto stack = Folder(*Folder(root, "encoder"), "layer");
  for (int64_t i = 0; i < o.layers; ++i) {
    auto layer = Folder(*stack, std::to_string(i));
    auto attention = Folder(*layer, "attention");
    auto self = Folder(*attention, "self");
    auto attention_out = Folder(*attention, "output");
    auto out = Folder(*layer, "output");
    Layer l;
    l.query = self->register_module("query", LinearUnit(h, h));
    l.key = self->register_module("key", LinearUnit(h, h));
    l.value = self->register_module("value", LinearUnit(h, h));
    l.attention_out = attention_out->register_module("dense", LinearUnit(h, h));
    l.attention_norm = attention_out->register_module("LayerNorm", MakeNorm(h));
    l.widen = Folder(*layer, "intermediate")
                  ->register_module("dense", LinearUnit(h, o.feed_forward, Activation::kGelu));
    l.narrow = out->register_module("dense", LinearUnit(o.feed_forward, h));
    l.out_norm = out->register_module("LayerNorm", MakeNorm(h));
    layers_.push_back(l);
  }
  for (auto& parameter : named_parameters()) {  // BERT's own initialisation
    if (parameter.value().dim() > 1) {
      torch::nn::init::normal_(parameter.value(), 0, 0.02);
    } else if (parameter.key().find("bias") != std::string::npos) {
      torch::nn::init::zeros_(parameter.value());
    }
  }
}

torch::Tensor BertImpl::Attend(Layer& layer, const torch::Tensor& x, const torch::Tensor& mask) {
  const auto joined = layer.query_key_value.ready()
                          ? layer.query_key_value(x)
                          : torch::cat({layer.query(x), layer.key(x), layer.value(x)}, 2);
  const auto split = joined.view({x.size(0), x.size(1), 3, options_.heads, -1})
                         .permute({2, 0, 3, 1, 4});  // [3, B, h, L, hidden / h]
  const auto mixed =
      torch::scaled_dot_product_attention(split[0], split[1], split[2], mask.to(x.scalar_type()),
                                          is_training() ? options_.dropout : 0.0);
  return mixed.transpose(1, 2).reshape(x.sizes());
}

torch::Tensor BertImpl::forward(const torch::Tensor& ids, const torch::Tensor& mask) {
  const auto drop = [this](const torch::Tensor& x) {
    return torch::dropout(x, options_.dropout, is_training());
  };
  const auto places = torch::arange(ids.size(1), ids.options());
  auto x = drop(norm_(words_(ids) + types_(torch::zeros_like(ids)) + positions_(places)));
  const auto hidden =
      (1.0 - mask.to(torch::kFloat32)).view({ids.size(0), 1, 1, ids.size(1)}) * -1e9;
  for (Layer& layer : layers_) {
    x = layer.attention_norm(x + drop(layer.attention_out(Attend(layer, x, hidden))));
    x = layer.out_norm(x + drop(layer.narrow(layer.widen(x))));
  }
  return x;
}

void BertImpl::Fold(torch::ScalarType type) {
  torch::NoGradGuard no_grad;
  eval();
  for (Layer& layer : layers_) {
    layer.query_key_value =
        FusedLinear(torch::cat({layer.query->weight, layer.key->weight, layer.value->weight}),
                    torch::cat({layer.query->bias, layer.key->bias, layer.value->bias}),
                    Activation::kNone, type);
    for (LinearUnit* unit : {&layer.query, &layer.key, &layer.value}) {
      (*unit)->weight.set_data(torch::empty({0}));
    }
    layer.attention_out->Fold(type);
    layer.widen->Fold(type);
    layer.narrow->Fold(type);
  }
  to(type);
  for (auto& parameter : parameters()) {
    parameter.requires_grad_(false);
  }
}

}  // namespace lingula
