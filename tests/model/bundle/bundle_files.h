// A small bundle made for tests, in a folder that goes away with the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "model/bundle/bundle.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula::test {

inline void Put(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

inline bundle::v1::Manifest SmallManifest() {
  bundle::v1::Manifest manifest;
  manifest.set_name("tiny");
  manifest.set_version("3");
  manifest.set_family(bundle::v1::FAMILY_SGSEG);
  manifest.set_modality(bundle::v1::MODALITY_CHEST_XRAY);
  manifest.mutable_input()->set_side_px(32);
  manifest.mutable_input()->set_channels(1);
  bundle::v1::SgsegSpec& sgseg = *manifest.mutable_sgseg();
  sgseg.mutable_mobilenet_v2()->set_width(0.5F);
  for (const int width : {64, 32, 16, 8}) {
    sgseg.add_decoder_widths(width);
  }
  for (int i = 0; i < 3; ++i) {
    sgseg.add_guide_text_tokens(8);
  }
  sgseg.set_cross_heads(4);
  sgseg.set_head_channels(4);
  sgseg.mutable_location()->set_dim(16);
  sgseg.mutable_location()->set_heads(2);
  sgseg.mutable_location()->set_layers(1);
  sgseg.mutable_location()->set_queries(6);
  sgseg.set_report_tokens(24);
  sgseg.set_report_dim(2);
  manifest.set_threshold(0.5F);
  manifest.set_low_confidence_below(0.7F);
  manifest.mutable_golden()->set_mean_abs(0.01F);
  manifest.mutable_golden()->set_zone_abs(0.02F);
  manifest.mutable_golden()->set_bf16_mean_abs(0.03F);
  manifest.mutable_golden()->set_bf16_zone_abs(0.1F);
  manifest.set_license("Apache-2.0");
  manifest.set_notice("Research use only.");
  manifest.set_provenance("made by a test");
  return manifest;
}

inline std::vector<std::string> SmallFiles() {
  return {kWeightsFile, kReportsFile, kGoldenFile, kCardFile};
}

inline TensorView Zeros(std::vector<int64_t> shape, DType dtype = DType::kF32) {
  static const std::string* const kZeroBytes = new std::string(1 << 20, '\0');
  const int64_t bytes = TensorBytes(dtype, shape).value();
  return {dtype, std::move(shape), absl::string_view(*kZeroBytes).substr(0, bytes)};
}

// Writes a whole good bundle into `folder`.
inline void WriteSmallBundle(const std::string& folder) {
  ASSERT_THAT(WriteSafeTensors(folder + "/" + kWeightsFile,
                               {{"a.weight", Zeros({2, 3})}, {"a.running_mean", Zeros({2})}}),
              IsOk());
  ASSERT_THAT(WriteSafeTensors(folder + "/" + kReportsFile, {{"table", Zeros({64, 24, 2})}}),
              IsOk());
  ASSERT_THAT(WriteSafeTensors(folder + "/" + kGoldenFile, {{"pixels", Zeros({2, 1, 32, 32})},
                                                            {"probabilities", Zeros({2, 32, 32})},
                                                            {"zones", Zeros({2, 6})}}),
              IsOk());
  Put(folder + "/" + kCardFile, "# tiny\n");
  ASSERT_THAT(WriteManifest(folder, SmallManifest(), SmallFiles()), IsOk());
}

}  // namespace lingula::test
