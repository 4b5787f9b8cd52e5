#include "model/backend/load_engine.h"

#include "absl/strings/str_cat.h"
#include "model/backend/sgseg_engine.h"
#include "model/backend/sgseg_options.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

bool HasBf16() {
  return __builtin_cpu_supports("avx512bf16") != 0;
}

bool UseBf16(const bundle::v1::Manifest& manifest, Precision precision) {
  return precision == Precision::kBfloat16 ||
         (precision == Precision::kAuto && HasBf16() && manifest.bf16_dice() >= kLowestBf16Dice);
}

absl::StatusOr<std::unique_ptr<Engine>> LoadSgseg(const Bundle& bundle,
                                                  const EngineOptions& options) {
  const SgsegOptions sizes = SgsegOptionsFrom(bundle.manifest);
  Sgseg net(sizes);
  LINGULA_RETURN_IF_ERROR(LoadState(*net, bundle.weights));
  LINGULA_ASSIGN_OR_RETURN(const TensorView view, bundle.reports.Get("table"));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor table, ToTensor(view));
  if (table.sizes() != torch::IntArrayRef({1 << kZones, sizes.report_tokens, sizes.report_dim})) {
    return absl::InvalidArgumentError(absl::StrCat(
        kReportsFile, ": table must be [64, ", sizes.report_tokens, ", ", sizes.report_dim, "]"));
  }
  if (!torch::isfinite(table).all().item<bool>()) {
    return absl::InvalidArgumentError(
        absl::StrCat(kReportsFile, ": table holds a value that is not finite"));
  }
  return std::make_unique<SgsegEngine>(net, table, InputSpecFrom(bundle.manifest.input()),
                                       UseBf16(bundle.manifest, options.precision));
}

// oneDNN makes its kernels for a batch size when it first sees it, which takes longer than running
// them.
absl::Status WarmUp(Engine& engine, int max_batch_size) {
  Sample sample;
  sample.pixels.assign(static_cast<size_t>(engine.channels()) * engine.side_px() * engine.side_px(),
                       0.5F);
  std::vector<const Sample*> batch;
  for (int size = 1; size <= max_batch_size; ++size) {
    batch.push_back(&sample);
    LINGULA_RETURN_IF_ERROR(engine.Predict(batch).front().status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const Bundle& bundle,
                                                   const EngineOptions& options) {
  if (options.precision == Precision::kBfloat16 && !HasBf16()) {
    return absl::FailedPreconditionError(
        "bfloat16 was asked for, but this processor has no instructions for it (AVX512_BF16); use "
        "PRECISION_AUTO or PRECISION_FLOAT32");
  }
  try {
    absl::StatusOr<std::unique_ptr<Engine>> engine =
        bundle.manifest.family() == bundle::v1::FAMILY_SGSEG
            ? LoadSgseg(bundle, options)
            : absl::InvalidArgumentError("the manifest's family is not known to this build");
    LINGULA_RETURN_IF_ERROR(engine.status());
    LINGULA_RETURN_IF_ERROR(
        CheckGolden(**engine, bundle, UseBf16(bundle.manifest, options.precision)));
    LINGULA_RETURN_IF_ERROR(WarmUp(**engine, options.max_batch_size));
    return engine;
  } catch (const std::exception& error) {  // c10::Error: sizes that Torch refuses
    return absl::InvalidArgumentError(
        absl::StrCat("the network cannot be built from its manifest: ", error.what()));
  }
}

std::string DescribeEngine(const bundle::v1::Manifest& manifest, const EngineOptions& options) {
  return UseBf16(manifest, options.precision) ? "cpu bfloat16" : "cpu float32";
}

}  // namespace lingula
