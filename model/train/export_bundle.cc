#include "model/train/export_bundle.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "model/backend/weights.h"
#include "model/backend/write_bundle.h"
#include "model/base/status_macros.h"

namespace lingula {

absl::Status ExportBundle(const std::string& out, const bundle::v1::Manifest& manifest,
                          const Learner& learner) {
  torch::NoGradGuard no_grad;
  const std::string folder = BundleFolder(out, manifest);
  std::error_code error;
  std::filesystem::create_directories(folder, error);  // a failure shows at the first write
  Learner copy = learner;                              // shares the weights
  copy->eval();
  TensorWriter weights;
  weights.AddState(*copy->net(), "", true);
  LINGULA_RETURN_IF_ERROR(weights.Write(absl::StrCat(folder, "/", kWeightsFile)));
  TensorWriter reports;
  reports.Add("table", copy->ReportTable(), true);
  LINGULA_RETURN_IF_ERROR(reports.Write(absl::StrCat(folder, "/", kReportsFile)));
  LINGULA_RETURN_IF_ERROR(WriteGolden(folder, manifest));
  return FinishBundle(folder, manifest);
}

}  // namespace lingula
