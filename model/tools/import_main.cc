// lingula-import: a checkpoint from Python becomes a bundle.
#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/import/mapped_file.h"
#include "model/tools/evaluate.h"
#include "model/tools/import.h"
#include "model/tools/program.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;

const std::map<std::string, bundle::v1::Family> kFamilies = {
    {"sgseg", bundle::v1::FAMILY_SGSEG},
    {"prolearn", bundle::v1::FAMILY_PROLEARN},
    {"languide", bundle::v1::FAMILY_LANGUIDE}};
const std::map<std::string, bundle::v1::Response> kResponses = {
    {"tokens", bundle::v1::RESPONSE_TOKENS}, {"weighted_sum", bundle::v1::RESPONSE_WEIGHTED_SUM}};
struct Arguments {
  ImportOptions import;
  std::string family, name, version = "1", license = "LicenseRef-unknown", data;
  std::string response = "tokens", arithmetic = "float32";
  bool untransposed = false;
};

void Declare(CLI::App& app, Arguments& a) {
  app.add_option("--checkpoint", a.import.checkpoint, "Lightning .ckpt or bare state dict (.pth)")
      ->required();
  app.add_option("--family", a.family, "what the checkpoint is")
      ->required()
      ->check(CLI::IsMember(kFamilies));
  app.add_option("--out", a.import.out, "repository: the bundle becomes OUT/NAME/VERSION")
      ->required();
  app.add_option("--prototypes", a.import.prototypes,
                 "store of prototypes (.pkl) that replaces the checkpoint's; prolearn only");
  app.add_option("--vocabulary", a.import.vocabulary,
                 "vocab.txt of CXR-BERT: keeps the text tower, so that callers may send any text");
  app.add_option("--name", a.name, "name of the bundle; default: cxr-FAMILY");
  app.add_option("--version", a.version, "version of the bundle")->capture_default_str();
  app.add_option("--license", a.license, "SPDX expression of the weights' licence")
      ->capture_default_str();
  app.add_option("--response", a.response, "what retrieved prototypes answer with; prolearn only")
      ->check(CLI::IsMember(kResponses))
      ->capture_default_str();
  app.add_flag("--untransposed", a.untransposed,
               "the network was trained on images with rows and columns as they are");
  app.add_flag("--half", a.import.half, "store matrices as float16: half the size");
  app.add_option("--data", a.data,
                 "data manifest (CSV) of real images on which to measure low precision");
  app.add_option("--arithmetic", a.arithmetic, "what to serve by default; low ones need --data")
      ->check(CLI::IsMember(ArithmeticNames()))
      ->capture_default_str();
}

Manifest ManifestFrom(const Arguments& a, const std::string& sha256) {
  Manifest manifest = PublishedManifest(kFamilies.at(a.family));
  manifest.set_name(a.name.empty() ? "cxr-" + a.family : a.name);
  manifest.set_version(a.version);
  manifest.mutable_input()->set_transpose(!a.untransposed);
  manifest.set_license(a.license);
  manifest.set_notice(
      "Research use only. Not a medical device: do not use for diagnosis or treatment.");
  manifest.set_provenance(absl::StrCat(
      "Imported by lingula-import from a checkpoint with the SHA-256\n\n    ", sha256,
      "\n\nwhich says nothing about its training: preprocessing and sides above are those of the "
      "published code\nand are assumed, not read from the file."));
  if (manifest.has_prolearn()) {
    manifest.mutable_prolearn()->set_response(kResponses.at(a.response));
  }
  return manifest;
}

// A masked list of long names: how many keys each ignored module has.
void PrintIgnored(const std::vector<std::string>& keys) {
  std::map<std::string, int> modules;
  for (const std::string& key : keys) {
    const bool position = key.size() > 3 && key.substr(key.size() - 3) == ".pe";
    size_t end = 0;
    for (int parts = 0; parts < 3 && end != std::string::npos; ++parts) {
      end = key.find('.', end + 1);
    }
    ++modules[position ? "position codes (*.pe), computed anew" : key.substr(0, end)];
  }
  std::cout << "ignored, because the network never uses them: " << keys.size() << " keys\n";
  for (const auto& [module, count] : modules) {
    std::cout << "  " << module << " (" << count << ")\n";
  }
}

absl::Status Main(Arguments a) {
  ConfigureCompute(0);
  if (a.arithmetic != "float32" && a.data.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--arithmetic ", a.arithmetic, " needs --data: images that show that masks stay the same"));
  }
  LINGULA_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(a.import.checkpoint));
  a.import.manifest = ManifestFrom(a, Sha256Hex(file->bytes()));
  LINGULA_ASSIGN_OR_RETURN(const ImportReceipt receipt,
                           ImportBundle(a.import, [](const std::string& what) {
                             std::cerr << "== " << what << std::endl;
                           }));
  if (!a.data.empty()) {
    LINGULA_ASSIGN_OR_RETURN(const auto rows, ReadDataManifest(a.data, ""));
    LINGULA_RETURN_IF_ERROR(
        MeasurePrecision(receipt.folder, rows, ArithmeticNames().at(a.arithmetic)));
  }
  std::cerr << "== loading it as the server does" << std::endl;
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(receipt.folder));
  LINGULA_RETURN_IF_ERROR(LoadEngine(bundle, EngineOptions()).status());
  std::cout << "taken over: " << receipt.tensors << " tensors\n";
  PrintIgnored(receipt.ignored);
  std::cout << "assumed: grey 224 x 224, bicubic without antialiasing, normalised per image, "
            << (a.untransposed ? "rows and columns as they are" : "rows and columns swapped")
            << "; \"left\" in reports is the viewer's left\n"
            << "bundle: " << receipt.folder << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::Arguments arguments;
  CLI::App app("Turns a checkpoint that Python trained into a bundle. Nothing in it is executed.",
               "lingula-import");
  lingula::Declare(app, arguments);
  return lingula::RunProgram(app, argc, argv, [&] { return lingula::Main(arguments); });
}
