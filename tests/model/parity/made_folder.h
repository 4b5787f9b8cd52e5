// A folder of recorded outputs made by a test.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <torch/torch.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/bundle/safetensors.h"
#include "model/parity/golden_folder.h"

namespace lingula::test {

// Files go where GoogleTest keeps temporary ones, a folder for each test.
class MadeFolder {
 public:
  MadeFolder()
      : path_(absl::StrCat(testing::TempDir(), "parity-",
                           testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    Tolerances({});
  }
  ~MadeFolder() { std::filesystem::remove_all(path_); }
  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

  // {file without extension: {tensor: tolerance}}
  void Tolerances(const std::map<std::string, std::map<std::string, double>>& tolerances) {
    auto json = nlohmann::json::object();
    for (const auto& [file, tensors] : tolerances) {
      for (const auto& [tensor, tolerance] : tensors) {
        json[file][tensor]["suggested_atol"] = tolerance;
      }
    }
    Text("tolerances.json", json.dump());
  }
  void Text(const std::string& name, const std::string& content) const {
    ASSERT_TRUE(WriteFile(path_ + "/" + name, content).ok());
  }
  // float32 and float64 tensors.
  void Tensors(const std::string& name, const std::map<std::string, torch::Tensor>& tensors,
               const std::map<std::string, std::string>& metadata = {}) const {
    TensorMap views;
    for (const auto& [key, tensor] : tensors) {
      views[key] = {
          tensor.scalar_type() == torch::kFloat64 ? DType::kF64 : DType::kF32, tensor.sizes().vec(),
          absl::string_view(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes())};
    }
    ASSERT_TRUE(WriteSafeTensors(path_ + "/" + name, views, metadata).ok());
  }
  parity::GoldenFolder Open() const { return parity::GoldenFolder::Open(path_).value(); }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace lingula::test
