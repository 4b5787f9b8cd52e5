// Models without networks, and pictures for them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "model/image/png_file.h"
#include "server/service/model_table.h"
#include "tests/support/fake_engine.h"

namespace lingula::test {

inline bundle::v1::Manifest FakeManifest(const std::string& name, const std::string& version) {
  bundle::v1::Manifest manifest;
  manifest.set_name(name);
  manifest.set_version(version);
  manifest.set_family(bundle::v1::FAMILY_SGSEG);
  manifest.set_modality(bundle::v1::MODALITY_CHEST_XRAY);
  manifest.mutable_input()->set_side_px(32);
  manifest.mutable_input()->set_channels(1);
  manifest.mutable_input()->set_transpose(true);
  manifest.set_threshold(0.5F);
  manifest.set_low_confidence_below(0.3F);
  manifest.set_license("Apache-2.0");
  manifest.set_notice("For research use only.");
  bundle::v1::Score& score = *manifest.add_scores();
  score.set_metric("dice");
  score.set_value(0.8);
  return manifest;
}

// The engine belongs to the source; `engine` gets a borrowed pointer to it.
inline ModelSource FakeSource(const std::string& name, const std::string& version,
                              FakeEngine** engine = nullptr,
                              const FakeEngine::Ways& ways = FakeEngine::Ways()) {
  auto made = std::make_unique<FakeEngine>(32, 1, ways);
  if (engine != nullptr) {
    *engine = made.get();
  }
  ModelSource source;
  source.manifest = FakeManifest(name, version);
  source.weights_sha256 = std::string(64, 'a');
  source.card = "# " + name;
  source.parameters = 12;
  source.engine = std::move(made);
  return source;
}

// ModelSource cannot be copied, so an initializer list will not do.
template <typename... Source>
std::vector<ModelSource> Sources(Source&&... sources) {
  std::vector<ModelSource> all;
  (all.push_back(std::forward<Source>(sources)), ...);
  return all;
}

// A table with "xray@1" alone, for as long as the process lives.
inline const ModelTable& OneModel() {
  static auto* const metrics = new Metrics;
  static const auto* const models =
      ModelTable::Create(Sources(FakeSource("xray", "1")), {}, Clock::Real(), *metrics)->release();
  return *models;
}

// Black with a white rectangle.
inline cv::Mat Picture(int width, int height, cv::Rect white) {
  cv::Mat picture(height, width, CV_8UC1, cv::Scalar(0));
  picture(white).setTo(255);
  return picture;
}

inline std::string PngOf(const cv::Mat& picture) {
  return *EncodePng(picture, PngEffort::kFlat);
}

// 40 columns by 24 rows, white in its upper left part.
inline std::string GoodPng() {
  return PngOf(Picture(40, 24, {4, 2, 16, 8}));
}

}  // namespace lingula::test
