#include "model/backend/load_engine.h"

#include "absl/strings/str_cat.h"
#include "model/backend/network_options.h"
#include "model/backend/prolearn_engine.h"
#include "model/backend/sgseg_engine.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

bool HasBf16() {
  return __builtin_cpu_supports("avx512bf16") != 0;
}

bool HasFp16() {
  return __builtin_cpu_supports("avx512fp16") != 0;
}

torch::ScalarType TypeFor(const bundle::v1::Manifest& manifest, Precision precision) {
  const bool automatic = precision == Precision::kAuto;
  if (precision == Precision::kBfloat16 ||
      (automatic && manifest.arithmetic() == bundle::v1::ARITHMETIC_BFLOAT16 && HasBf16())) {
    return torch::kBFloat16;
  }
  if (precision == Precision::kFloat16 ||
      (automatic && manifest.arithmetic() == bundle::v1::ARITHMETIC_FLOAT16 && HasFp16())) {
    return torch::kFloat16;
  }
  return torch::kFloat32;
}

absl::Status CheckProcessor(Precision precision) {
  const bool no_bf16 = precision == Precision::kBfloat16 && !HasBf16();
  if (no_bf16 || (precision == Precision::kFloat16 && !HasFp16())) {
    return absl::FailedPreconditionError(absl::StrCat(
        no_bf16 ? "bfloat16" : "float16",
        " was asked for, but this processor has no instructions for it (",
        no_bf16 ? "AVX512_BF16" : "AVX512_FP16", "); use PRECISION_AUTO or PRECISION_FLOAT32"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Engine>> MakeSgseg(const Bundle& bundle, const NetForm& form) {
  LINGULA_ASSIGN_OR_RETURN(LoadedSgseg loaded, LoadSgseg(bundle));
  std::optional<TextTower> tower;
  if (bundle.text_encoder.has_value()) {
    LINGULA_ASSIGN_OR_RETURN(tower, TextTower::Load(bundle, form.types.decoder));
  }
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  if (form.folded) {
    loaded.net->Fold(form.types, spec.channels == 1);
  }
  return std::make_unique<SgsegEngine>(loaded.net, loaded.table, std::move(tower), spec, form);
}

absl::StatusOr<std::unique_ptr<Engine>> MakeProlearn(const Bundle& bundle, const NetForm& form) {
  LINGULA_ASSIGN_OR_RETURN(Prolearn net, LoadProlearn(bundle));
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  if (form.folded) {
    net->Fold(form.types, spec.channels == 1);
  }
  return std::make_unique<ProlearnEngine>(net, spec, form);
}

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(const Bundle& bundle, const NetForm& form) {
  try {
    torch::InferenceMode inference;
    return bundle.manifest.has_prolearn() ? MakeProlearn(bundle, form) : MakeSgseg(bundle, form);
  } catch (const std::exception& error) {  // c10::Error: sizes that Torch refuses
    return absl::InvalidArgumentError(
        absl::StrCat("the network cannot be built from its manifest: ", error.what()));
  }
}

// oneDNN makes its kernels for a batch size when it first sees it, which takes longer than running
// them. The largest batch first: smaller ones then fit into the memory that it leaves free.
absl::Status WarmUp(Engine& engine, const Sample& sample, int max_batch_size) {
  for (int size = max_batch_size; size >= 1; --size) {
    const std::vector<const Sample*> batch(size, &sample);
    LINGULA_RETURN_IF_ERROR(engine.Predict(batch).front().status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> PlainEngine(const Bundle& bundle) {
  NetForm form;
  form.folded = false;
  return MakeEngine(bundle, form);
}

absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const Bundle& bundle,
                                                   const EngineOptions& options) {
  LINGULA_RETURN_IF_ERROR(CheckProcessor(options.precision));
  NetForm form;
  form.types = FoldTypesFor(bundle.manifest, TypeFor(bundle.manifest, options.precision));
  LINGULA_ASSIGN_OR_RETURN(auto engine, MakeEngine(bundle, form));
  ReleaseUnusedMemory();  // packed weights have taken the place of those that were read
  LINGULA_RETURN_IF_ERROR(CheckGolden(*engine, bundle, form.types.decoder != torch::kFloat32));
  LINGULA_ASSIGN_OR_RETURN(const auto samples, GoldenSamples(bundle));
  LINGULA_RETURN_IF_ERROR(WarmUp(*engine, samples.front(), options.max_batch_size));
  ReleaseUnusedMemory();
  return engine;
}

std::string DescribeEngine(const bundle::v1::Manifest& manifest, const EngineOptions& options) {
  return absl::StrCat("cpu ", FoldTypesText(manifest, TypeFor(manifest, options.precision)));
}

}  // namespace lingula
