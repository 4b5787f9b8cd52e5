// lingula-bundle verify|show DIR: checks a model bundle, or prints what it is. Exit code 0 all
// well, 1 a bad bundle, 2 usage.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "model/bundle/bundle.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;
using bundle::v1::SgsegSpec;

constexpr int kBadBundle = 1;
constexpr int kUsage = 2;

// "FAMILY_SGSEG" without its prefix, as people write it: "sgseg".
std::string Plain(const std::string& enum_name, absl::string_view prefix) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(enum_name.substr(prefix.size())), {{"_", " "}});
}

// 5123456 as 5,123,456.
std::string Grouped(int64_t value) {
  std::string text = absl::StrCat(value);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<size_t>(at), ",");
  }
  return text;
}

int Verify(const std::string& folder) {
  const BundleInspection inspection = InspectBundle(folder);
  for (const BundleCheck& check : inspection.checks) {
    if (check.status.ok()) {
      std::cout << "ok    " << check.what << "\n";
      continue;
    }
    const std::string why(check.status.message());
    std::cout << "FAIL  " << check.what << "\n        "
              << absl::StrReplaceAll(why, {{"\n", "\n        "}}) << "\n";
  }
  std::cout << (inspection.bundle.has_value() ? "good bundle: " : "BAD bundle: ") << folder << "\n";
  return inspection.bundle.has_value() ? 0 : kBadBundle;
}

void Line(absl::string_view name, absl::string_view value) {
  std::cout << absl::StreamFormat("  %-16s%s\n", name, value);
}

template <typename Spec>
std::string DescribeEncoder(const Spec& spec) {
  if (spec.has_mobilenet_v2()) {
    return absl::StrCat("MobileNetV2, width ", spec.mobilenet_v2().width());
  }
  return absl::StrCat("ConvNeXt, depths ", absl::StrJoin(spec.convnext().depths(), "-"),
                      ", widths ", absl::StrJoin(spec.convnext().widths(), "-"));
}

template <typename Spec>
void ShowTrunk(const Spec& spec) {
  Line("encoder", DescribeEncoder(spec));
  Line("decoder",
       absl::StrFormat("widths %s, head %d, %d heads", absl::StrJoin(spec.decoder_widths(), "-"),
                       spec.head_channels(), spec.cross_heads()));
}

void ShowSgseg(const SgsegSpec& sgseg) {
  ShowTrunk(sgseg);
  Line("guidance",
       absl::StrFormat("reports of %d x %d, text tokens %s", sgseg.report_tokens(),
                       sgseg.report_dim(), absl::StrJoin(sgseg.guide_text_tokens(), "-")));
  Line("text tower",
       sgseg.has_text_encoder()
           ? absl::StrFormat("BERT, %d layers of %d, %d words", sgseg.text_encoder().layers(),
                             sgseg.text_encoder().hidden(), sgseg.text_encoder().vocabulary())
           : "none: callers' reports must be of the grammar");
  if (sgseg.has_location()) {
    const auto& location = sgseg.location();
    Line("location", absl::StrFormat("width %d, heads %d, layers %d, queries %d", location.dim(),
                                     location.heads(), location.layers(), location.queries()));
  } else if (sgseg.has_rtdetr()) {
    const auto& rtdetr = sgseg.rtdetr();
    Line("location", absl::StrFormat("RT-DETR, backbone width %g, %d queries, %d layers",
                                     rtdetr.backbone_width(), rtdetr.queries(), rtdetr.layers()));
  }
}

void ShowProlearn(const bundle::v1::ProlearnSpec& prolearn) {
  ShowTrunk(prolearn);
  Line("query", absl::StrFormat("ViT, patch %d, %d blocks of %d", prolearn.vit().patch(),
                                prolearn.vit().depth(), prolearn.vit().dim()));
  Line("prototypes",
       absl::StrFormat("%d pools of %d, the best %d by %s, answer: %s", prolearn.labels(),
                       prolearn.prototypes(), prolearn.top_k(),
                       Plain(bundle::v1::Similarity_Name(prolearn.similarity()), "SIMILARITY_"),
                       Plain(bundle::v1::Response_Name(prolearn.response()), "RESPONSE_")));
}

void ShowNetwork(const Bundle& bundle) {
  const auto& input = bundle.manifest.input();
  Line("input", absl::StrFormat("%d x %d, %s%s", input.side_px(), input.side_px(),
                                input.channels() == 1 ? "grey" : "RGB",
                                input.transpose() ? ", rows and columns swapped" : ""));
  if (bundle.manifest.has_prolearn()) {
    ShowProlearn(bundle.manifest.prolearn());
  } else {
    ShowSgseg(bundle.manifest.sgseg());
  }
  Line("parameters", absl::StrFormat("%s in %d tensors", Grouped(ParameterCount(bundle.weights)),
                                     bundle.weights.tensors().size()));
}

// Rows of equal length in aligned columns.
void ShowTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(row.size());
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppendFormat(&line, "  %-*s", static_cast<int>(widths[i]), row[i]);
    }
    std::cout << absl::StripTrailingAsciiWhitespace(line) << "\n";
  }
}

std::string ArithmeticText(bundle::v1::Arithmetic arithmetic) {
  return arithmetic == bundle::v1::ARITHMETIC_UNSPECIFIED
             ? "float32"
             : Plain(bundle::v1::Arithmetic_Name(arithmetic), "ARITHMETIC_");
}

std::string DiceText(float dice) {
  return dice > 0 ? absl::StrFormat("%.4f", dice) : "not measured";
}

int Show(const std::string& folder) {
  const absl::StatusOr<Bundle> bundle = OpenBundle(folder);
  if (!bundle.ok()) {
    std::cerr << bundle.status().message() << "\n";
    return kBadBundle;
  }
  const Manifest& manifest = bundle->manifest;
  std::cout << manifest.name() << "@" << manifest.version() << "\n";
  Line("family", Plain(bundle::v1::Family_Name(manifest.family()), "FAMILY_"));
  Line("modality", Plain(bundle::v1::Modality_Name(manifest.modality()), "MODALITY_"));
  ShowNetwork(*bundle);
  Line("threshold", absl::StrFormat("%g; low confidence below an expected Dice of %g",
                                    manifest.threshold(), manifest.low_confidence_below()));
  Line("golden run", absl::StrFormat("%d images, tolerance %g (mask), %g (zones)",
                                     bundle->golden.Get("pixels")->shape[0],
                                     manifest.golden().mean_abs(), manifest.golden().zone_abs()));
  Line("arithmetic",
       absl::StrFormat("%s%s; Dice against float32: bfloat16 %s, float16 %s",
                       ArithmeticText(manifest.arithmetic()),
                       manifest.float32_encoder() ? " with the encoder in float32" : "",
                       DiceText(manifest.bf16_dice()), DiceText(manifest.fp16_dice())));
  Line("licence", manifest.license());
  Line("notice", manifest.notice());
  Line("provenance", manifest.provenance());
  std::cout << "\n";
  std::vector<std::vector<std::string>> scores = {
      {"metric", "value", "data", "guidance", "images"}};
  for (const bundle::v1::Score& score : manifest.scores()) {
    scores.push_back({score.metric(), absl::StrFormat("%.4f", score.value()), score.data(),
                      score.guidance(), absl::StrCat(score.images())});
  }
  ShowTable(scores);
  std::cout << "\n";
  std::vector<std::vector<std::string>> files = {{"file", "bytes", "sha256"}};
  for (const bundle::v1::File& file : manifest.files()) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(bundle->folder + "/" + file.name(), error);
    files.push_back({file.name(), Grouped(error ? 0 : static_cast<int64_t>(bytes)), file.sha256()});
  }
  ShowTable(files);
  return 0;
}

int Run(int argc, char** argv) {
  CLI::App app("Checks and shows model bundles: folders <repository>/<name>/<version>");
  app.require_subcommand(1);
  std::string folder;
  int code = 0;
  const auto add = [&](const char* verb, const char* what, int (*act)(const std::string&)) {
    CLI::App* command = app.add_subcommand(verb, what);
    command->add_option("DIR", folder, "Folder of the bundle")->required();
    command->callback([&code, &folder, act] { code = act(folder); });
  };
  add("verify", "Check manifest, files and digests; one line a check", Verify);
  add("show", "Print what the bundle is", Show);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return code;
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  return lingula::Run(argc, argv);
}
