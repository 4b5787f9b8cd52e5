#include "model/nets/rtdetr/query_decoder.h"

#include <cmath>
#include <string>

namespace lingula {
namespace {

constexpr int kLevels = 3;
constexpr double kAnchorSide = 0.05;    // of the finest map, doubled from map to map
constexpr double kAnchorMargin = 0.01;  // from the edges, inside which an anchor is not valid
constexpr double kBoxMargin = 1e-5;     // where the logit of a box is cut

torch::nn::LayerNorm MakeNorm(int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}));
}

torch::Tensor BoxLogit(const torch::Tensor& box) {
  return torch::log(box.clamp_min(kBoxMargin) / (1 - box).clamp_min(kBoxMargin));
}

// Centres [length] of the pixels of a line, as fractions of it.
torch::Tensor Centres(int64_t length) {
  return (torch::arange(length, torch::kFloat32) + 0.5) / static_cast<double>(length);
}

MapShapes ShapesOf(const EncodedMaps& maps) {
  MapShapes shapes;
  for (const auto* map : {&maps.x1, &maps.x2, &maps.x3}) {
    shapes.emplace_back(map->size(2), map->size(3));
  }
  return shapes;
}

}  // namespace

Anchors MakeAnchors(const MapShapes& shapes) {
  std::vector<torch::Tensor> levels;
  for (size_t level = 0; level < shapes.size(); ++level) {
    const auto [height, width] = shapes[level];
    const auto side = torch::full({height, width}, kAnchorSide * std::exp2(level));
    const auto x = Centres(width).unsqueeze(0).expand({height, width});
    const auto y = Centres(height).unsqueeze(1).expand({height, width});
    levels.push_back(torch::stack({x, y, side, side}, 2).view({1, height * width, 4}));
  }
  const auto boxes = torch::cat(levels, 1);
  Anchors anchors;
  anchors.valid = ((boxes > kAnchorMargin) & (boxes < 1 - kAnchorMargin)).all(2, true);
  anchors.all_valid = anchors.valid.all().item<bool>();
  anchors.logits = torch::log(boxes / (1 - boxes)).masked_fill(~anchors.valid, INFINITY);
  return anchors;
}

MlpImpl::MlpImpl(const std::vector<int64_t>& widths) {
  auto folder = register_module("layers", torch::nn::Sequential());
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    const bool last = i + 2 == widths.size();
    layers_.push_back(folder->register_module(
        std::to_string(i),
        LinearUnit(widths[i], widths[i + 1], last ? Activation::kNone : Activation::kRelu)));
  }
}

torch::Tensor MlpImpl::forward(torch::Tensor x) {
  for (auto& layer : layers_) {
    x = layer(x);
  }
  return x;
}

void MlpImpl::Fold(torch::ScalarType type) {
  for (auto& layer : layers_) {
    layer->Fold(type);
  }
}

QueryLayerImpl::QueryLayerImpl(const QueryDecoderOptions& o)
    : self_attn_(register_module("self_attn", Attention(o.hidden, o.heads))),
      norm1_(register_module("norm1", MakeNorm(o.hidden))),
      cross_attn_(
          register_module("cross_attn", DeformableAttention(o.hidden, o.heads, kLevels, o.points))),
      norm2_(register_module("norm2", MakeNorm(o.hidden))),
      linear1_(register_module("linear1", LinearUnit(o.hidden, o.feed_forward, Activation::kRelu))),
      linear2_(register_module("linear2", LinearUnit(o.feed_forward, o.hidden))),
      norm3_(register_module("norm3", MakeNorm(o.hidden))) {}

torch::Tensor QueryLayerImpl::forward(torch::Tensor x, const torch::Tensor& place,
                                      const torch::Tensor& boxes, const ValueTable& values,
                                      const PointGrid& grid) {
  const auto placed = x + place;
  x = norm1_(x + self_attn_(placed, placed, x));
  x = norm2_(x + cross_attn_(x + place, boxes, values, grid));
  return norm3_(linear2_->AddTo(linear1_(x), x));
}

void QueryLayerImpl::Fold(torch::ScalarType type) {
  self_attn_->Fold(type);
  cross_attn_->Fold(type);
  linear1_->Fold(type);
  linear2_->Fold(type);
}

QueryDecoderImpl::QueryDecoderImpl(const QueryDecoderOptions& o)
    : options_(o),
      query_pos_head_(
          register_module("query_pos_head", Mlp(std::vector<int64_t>{4, 2 * o.hidden, o.hidden}))),
      enc_score_head_(register_module("enc_score_head", LinearUnit(o.hidden, o.classes))),
      enc_bbox_head_(register_module("enc_bbox_head",
                                     Mlp(std::vector<int64_t>{o.hidden, o.hidden, o.hidden, 4}))) {
  auto input = register_module("input_proj", torch::nn::Sequential());
  for (int i = 0; i < kLevels; ++i) {
    auto level = input->register_module(std::to_string(i), torch::nn::Sequential());
    project_.push_back(level->register_module(
        "0", torch::nn::Conv2d(torch::nn::Conv2dOptions(o.hidden, o.hidden, 1).bias(false))));
    project_norm_.push_back(level->register_module("1", torch::nn::BatchNorm2d(o.hidden)));
  }
  auto output = register_module("enc_output", torch::nn::Sequential());
  enc_output_ = output->register_module("0", LinearUnit(o.hidden, o.hidden));
  enc_output_norm_ = output->register_module("1", MakeNorm(o.hidden));
  auto decoder = register_module("decoder", torch::nn::Sequential());
  auto layers = decoder->register_module("layers", torch::nn::Sequential());
  auto boxes = register_module("dec_bbox_head", torch::nn::Sequential());
  for (int64_t i = 0; i < o.layers; ++i) {
    layers_.push_back(layers->register_module(std::to_string(i), QueryLayer(o)));
    if (i + 1 < o.layers) {
      dec_bbox_head_.push_back(boxes->register_module(
          std::to_string(i), Mlp(std::vector<int64_t>{o.hidden, o.hidden, o.hidden, 4})));
    }
  }
  Start();
}

// As published: boxes start on the anchors, and every class is improbable.
void QueryDecoderImpl::Start() {
  torch::NoGradGuard no_grad;
  enc_score_head_->bias.fill_(std::log(0.01 / 0.99));
  std::vector<Mlp> heads = dec_bbox_head_;
  heads.push_back(enc_bbox_head_);
  for (auto& head : heads) {
    head->last()->weight.zero_();
    head->last()->bias.zero_();
  }
}

torch::Tensor QueryDecoderImpl::Tokens(const EncodedMaps& maps) {
  const torch::Tensor* levels[kLevels] = {&maps.x1, &maps.x2, &maps.x3};
  std::vector<torch::Tensor> tokens;
  for (int i = 0; i < kLevels; ++i) {
    const auto map = fused_project_.empty() ? project_norm_[i](project_[i](*levels[i]))
                                            : fused_project_[i](*levels[i]);
    tokens.push_back(map.permute({0, 2, 3, 1}).flatten(1, 2));
  }
  return torch::cat(tokens, 1);
}

QueryDecoderImpl::Choice QueryDecoderImpl::Choose(const torch::Tensor& tokens,
                                                  const Anchors& anchors, QueryAnswer* answer) {
  const auto candidates = anchors.all_valid ? tokens : tokens * anchors.valid;
  const auto encoded = enc_output_norm_(enc_output_(candidates));
  answer->scores = enc_score_head_(encoded).amax(2);
  answer->topk_indices = std::get<1>(answer->scores.topk(options_.queries, 1));
  const auto pick = [&](const torch::Tensor& rows) {
    const auto index = answer->topk_indices.unsqueeze(2);
    return rows.expand({index.size(0), -1, -1}).gather(1, index.expand({-1, -1, rows.size(2)}));
  };
  // As published, the choice learns nothing from the queries' answers: detached.
  const auto content = pick(encoded).detach();
  const auto shift = enc_bbox_head_(content).to(torch::kFloat32);
  return {content, (shift + pick(anchors.logits)).detach()};
}

torch::Tensor QueryDecoderImpl::Values(const torch::Tensor& tokens) {
  const auto all = fused_values_.ready()
                       ? fused_values_(tokens)
                       : torch::linear(tokens, ValueWeights("weight"), ValueWeights("bias"));
  const auto& o = options_;
  return all.view({tokens.size(0), tokens.size(1), o.layers * o.heads, o.hidden / o.heads});
}

torch::Tensor QueryDecoderImpl::ValueWeights(const char* name) {
  std::vector<torch::Tensor> parts;
  for (auto& layer : layers_) {
    parts.push_back(layer->value_proj()->named_parameters()[name]);
  }
  return torch::cat(parts);
}

QueryAnswer QueryDecoderImpl::forward(const EncodedMaps& maps) {
  const auto device = maps.x1.device();
  const auto places = places_.Get(ShapesOf(maps), device, [&](const MapShapes& shapes) {
    const Anchors anchors = MakeAnchors(shapes);
    return Places{{anchors.logits.to(device), anchors.valid.to(device), anchors.all_valid},
                  PointGrid(shapes, options_.heads, options_.points, device)};
  });
  TORCH_CHECK(places.anchors.logits.size(1) >= options_.queries,
              "The image is too small: its maps have ", places.anchors.logits.size(1),
              " pixels together, but the detector chooses ", options_.queries,
              " of them as queries.");
  QueryAnswer answer;
  const auto tokens = Tokens(maps);
  auto [x, box_logits] = Choose(tokens, places.anchors, &answer);
  auto boxes = torch::sigmoid(box_logits);
  ValueTable values{Values(tokens)};
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto place = query_pos_head_(boxes.to(x.scalar_type()));
    x = layers_[i](x, place, boxes, values, places.grid);
    answer.layers.push_back(x);
    values.first_slot += options_.heads;
    if (i < dec_bbox_head_.size()) {
      const auto shift = dec_bbox_head_[i](x).to(torch::kFloat32);
      boxes = torch::sigmoid(shift + BoxLogit(boxes)).detach();
    }
  }
  return answer;
}

void QueryDecoderImpl::Fold(torch::ScalarType type) {
  for (int i = 0; i < kLevels; ++i) {
    fused_project_.push_back(Fuse(project_[i], project_norm_[i], Activation::kNone, type));
  }
  fused_values_ =
      FusedLinear(ValueWeights("weight"), ValueWeights("bias"), Activation::kNone, type);
  for (auto& layer : layers_) {
    layer->value_proj()->weight.set_data(torch::empty({0}));
    layer->Fold(type);
  }
  for (auto& head : dec_bbox_head_) {
    head->Fold(type);
  }
  query_pos_head_->Fold(type);
  enc_output_->Fold(type);
  enc_score_head_->Fold(type);
  enc_bbox_head_->Fold(type);
}

}  // namespace lingula
