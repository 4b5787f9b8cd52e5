#include "model/backend/torch_engine.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "model/backend/torch_door.h"
#include "model/engine/check_sample.h"
#include "model/nets/norm_activate_kernels.h"

namespace lingula {
namespace {

// The probabilities of row i of `logits` [n, 1, side, side].
std::vector<std::vector<float>> ProbabilitiesOf(const torch::Tensor& logits) {
  const auto probabilities = torch::sigmoid(logits.to(torch::kFloat32)).contiguous();
  const int64_t area = probabilities[0].numel();
  std::vector<std::vector<float>> rows;
  for (int64_t i = 0; i < probabilities.size(0); ++i) {
    const auto* values = probabilities[i].data_ptr<float>();
    rows.emplace_back(values, values + area);
  }
  return rows;
}

}  // namespace

std::vector<Prediction> TorchEngine::RunAll(absl::Span<const Sample* const> samples) {
  const auto n = static_cast<int64_t>(samples.size());
  const int64_t side = spec_.side_px;
  auto input = torch::empty({n, spec_.channels, side, side});
  std::vector<Prediction> predictions(n);
  for (int64_t i = 0; i < n; ++i) {
    std::memcpy(input[i].data_ptr(), samples[i]->pixels.data(),
                samples[i]->pixels.size() * sizeof(float));
    predictions[i].guidance = samples[i]->guidance;
  }
  if (!form_.folded) {
    input = input.expand({n, 3, side, side});  // a grey picture is repeated
  }
  const auto image = input.to(form_.types.encoder).contiguous(torch::MemoryFormat::ChannelsLast);
  const MaskLogits logits = Run(image, samples, absl::MakeSpan(predictions));
  auto probabilities = ProbabilitiesOf(logits.masks);
  for (int64_t i = 0; i < n; ++i) {
    predictions[i].probabilities = std::move(probabilities[i]);
  }
  const std::vector<int64_t> twice = AskingTwice(samples);
  if (!twice.empty()) {
    auto second = ProbabilitiesOf(logits.second);
    for (size_t i = 0; i < twice.size(); ++i) {
      predictions[twice[i]].second->probabilities = std::move(second[i]);
    }
  }
  return predictions;
}

std::vector<absl::StatusOr<Prediction>> TorchEngine::Predict(
    absl::Span<const Sample* const> samples) {
  std::vector<absl::StatusOr<Prediction>> answers;
  std::vector<const Sample*> good;
  std::vector<size_t> place;
  for (size_t i = 0; i < samples.size(); ++i) {
    absl::Status status = CheckSample(*this, *samples[i]);
    if (status.ok()) {
      good.push_back(samples[i]);
      place.push_back(i);
    }
    answers.emplace_back(status.ok() ? absl::InternalError("not run") : std::move(status));
  }
  if (good.empty()) {
    return answers;
  }
  const DeviceResult result = WithTorch([&] {
    std::vector<Prediction> predictions = RunAll(good);
    for (size_t i = 0; i < place.size(); ++i) {
      answers[place[i]] = std::move(predictions[i]);
    }
    return DeviceResult();
  });
  if (!result.ok()) {
    for (const size_t i : place) {
      answers[i] = StatusOf(result);
    }
  }
  return answers;
}

namespace {

// Means and standard deviations [n, C] over a map [n, C, H, W].
std::pair<torch::Tensor, torch::Tensor> MomentsOf(const torch::Tensor& map) {
  const auto wide = map.to(torch::kFloat32);
  if (!wide.device().is_cpu() || !wide.is_contiguous(torch::MemoryFormat::ChannelsLast)) {
    const auto [variance, mean] = torch::var_mean(wide, std::vector<int64_t>{2, 3}, false);
    return {mean, torch::sqrt(variance)};
  }
  const int64_t channels = wide.size(1), pixels = wide.size(2) * wide.size(3);
  const auto zeros = torch::zeros({channels});
  auto means = torch::zeros({wide.size(0), channels});
  auto squares = torch::zeros({wide.size(0), channels});
  for (int64_t i = 0; i < wide.size(0); ++i) {
    const NormRows<float> rows{wide[i].data_ptr<float>(), 0, pixels, channels, NormSlope::kNone};
    auto mean = means[i], square = squares[i], rest = torch::zeros({channels});
    SumRows(rows, zeros.data_ptr<float>(), mean.data_ptr<float>(), rest.data_ptr<float>());
    mean /= static_cast<double>(pixels);
    SumRows(rows, mean.data_ptr<float>(), rest.data_ptr<float>(), square.data_ptr<float>());
  }
  return {means, torch::sqrt(squares / static_cast<double>(pixels))};
}

}  // namespace

torch::Tensor PooledFeatures(const Features& features) {
  std::vector<torch::Tensor> means, deviations;
  for (const size_t i : {1U, 2U}) {
    auto [mean, deviation] = MomentsOf(features[i]);
    means.push_back(std::move(mean));
    deviations.push_back(std::move(deviation));
  }
  means.insert(means.end(), deviations.begin(), deviations.end());
  return torch::cat(means, 1).contiguous();
}

void NoteFeatures(const Features& features, absl::Span<Prediction> predictions) {
  const auto pooled = PooledFeatures(features);
  for (size_t i = 0; i < predictions.size(); ++i) {
    const auto* values = pooled[static_cast<int64_t>(i)].data_ptr<float>();
    predictions[i].features.assign(values, values + pooled.size(1));
  }
}

std::vector<int64_t> AskingTwice(absl::Span<const Sample* const> samples) {
  std::vector<int64_t> places;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i]->second_opinion) {
      places.push_back(static_cast<int64_t>(i));
    }
  }
  return places;
}

Features SelectSamples(const Features& features, const std::vector<int64_t>& places) {
  const auto rows = torch::tensor(places);
  Features selected;
  for (size_t i = 0; i < features.size(); ++i) {
    const auto& map = features[i];
    // A picture alone needs no copy.
    selected[i] = map.size(0) == static_cast<int64_t>(places.size())
                      ? map
                      : map.index_select(0, rows).contiguous(map.suggest_memory_format());
  }
  return selected;
}

torch::Tensor GuidanceShares(absl::Span<const Sample* const> samples, torch::ScalarType type) {
  std::vector<float> shares;
  for (const Sample* sample : samples) {
    shares.push_back(sample->guidance == GuidanceMode::kWithheld ? 0.0F : 1.0F);
  }
  if (std::count(shares.begin(), shares.end(), 0.0F) == 0) {
    return {};
  }
  return torch::tensor(shares).view({-1, 1, 1}).to(type);
}

}  // namespace lingula
