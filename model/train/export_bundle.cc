#include "model/train/export_bundle.h"

#include <filesystem>

#include "model/backend/write_bundle.h"
#include "model/base/status_macros.h"

namespace lingula {

absl::Status ExportBundle(const std::string& out, bundle::v1::Manifest manifest, Learner& learner) {
  torch::NoGradGuard no_grad;
  const std::string folder = BundleFolder(out, manifest);
  std::error_code error;
  std::filesystem::create_directories(folder, error);  // a failure shows at the first write
  learner.to(torch::kCPU);
  learner.eval();
  LINGULA_RETURN_IF_ERROR(learner.Export(folder, manifest));
  LINGULA_RETURN_IF_ERROR(WriteGolden(folder, manifest));
  return FinishBundle(folder, manifest);
}

}  // namespace lingula
