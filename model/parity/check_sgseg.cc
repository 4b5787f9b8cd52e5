// SGSeg and LanGuideMedSeg from image to mask.
#include "absl/strings/str_cat.h"
#include "model/backend/sgseg_engine.h"
#include "model/base/status_macros.h"
#include "model/nets/sgseg/sgseg.h"
#include "model/parity/check.h"
#include "model/parity/published.h"
#include "model/parity/serve.h"
#include "model/text/report_grammar.h"

namespace lingula::parity {
namespace {

Sgseg NetByFormula(const Formula& formula, bool detector) {
  SgsegOptions options;
  options.encoder = ConvNextOptions();
  if (detector) {
    options.locator = RtDetrOptions();
  }
  Sgseg net(options);
  formula.Fill(*net, "model.");
  return net;
}

std::vector<ZoneProbabilities> ToZones(const torch::Tensor& probabilities) {
  std::vector<ZoneProbabilities> zones(probabilities.size(0));
  for (size_t i = 0; i < zones.size(); ++i) {
    for (int zone = 0; zone < kZones; ++zone) {
      zones[i][zone] = probabilities[static_cast<int64_t>(i)][zone].item<float>();
    }
  }
  return zones;
}

void CompareReports(FileCheck& check, const std::string& variant,
                    const std::vector<std::string>& actual,
                    const std::vector<std::string>& expected) {
  for (size_t i = 0; i < std::max(actual.size(), expected.size()); ++i) {
    check.CompareText(absl::StrCat("report ", i, variant), i < actual.size() ? actual[i] : "(none)",
                      i < expected.size() ? expected[i] : "(none)");
  }
}

// Every stage of the decoder, from features and the text's hidden states.
void CompareDecoder(FileCheck& check, SgsegImpl& net, const Features& features,
                    const torch::Tensor& hidden) {
  const ReportKeysValues text = net.ProjectText(hidden);
  auto x = features[3];
  for (int i = 0; i < 3; ++i) {
    auto& stage = net.decoders()[i];
    const std::string stride = absl::StrCat(16 >> i);
    if (check.Has("guide16.sample") || check.Has("guide16")) {  // not every file has them
      check.Compare("guide" + stride,
                    stage->guide_layer()->forward(Tokens(x), text[i], torch::Tensor()));
    }
    x = stage->forward(x, features[2 - i], text[i], torch::Tensor());
    check.Compare("stage" + stride, Tokens(x));
  }
  const auto logits = net.Decode(features, text, torch::Tensor());
  check.Compare("logits", logits);
  check.Compare("probabilities", torch::sigmoid(logits));
  if (check.Has("decoder1.sample") || check.Has("decoder1")) {
    check.Compare("decoder1", net.head()->Upsample(x));
  }
}

// The engine that serves: folded, with the table of reports in the place of the text tower.
SgsegEngine MakeEngine(const Formula& formula, bool detector) {
  const auto table = PublishedReportTable(formula);
  Sgseg net = NetByFormula(formula, detector);
  const NetForm form;
  net->Fold(form.types, true);
  return SgsegEngine(net, table, std::nullopt, InputSpec(), form);
}

}  // namespace

absl::Status CheckSgseg(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, NamedImages(check));
  LINGULA_ASSIGN_OR_RETURN(const auto reports, StringsNote(check, "reports"));
  {
    Sgseg net = NetByFormula(formula, true);
    const Features features = net->Encode(images);
    const auto zones = torch::sigmoid(net->Locate(images, features).zones);
    check.Compare("zone_probabilities", zones);
    std::vector<std::string> written;
    std::vector<ZoneBits> bits;
    for (const ZoneProbabilities& one : ToZones(zones)) {
      bits.push_back(Reported(one));
      written.push_back(ReportFor(bits.back()));
    }
    CompareReports(check, "", written, reports);
    const auto hidden = PublishedHidden(formula, GrammarTokens(bits));
    check.Compare("text_hidden", hidden);
    CompareDecoder(check, *net, features, hidden);
  }
  SgsegEngine engine = MakeEngine(formula, true);
  LINGULA_ASSIGN_OR_RETURN(const auto served,
                           Serve(engine, images, Alike(images, GuidanceMode::kGeneratedReport)));
  std::vector<torch::Tensor> zones;
  std::vector<std::string> written;
  for (const Prediction& one : served.predictions) {
    zones.push_back(torch::tensor(std::vector<float>(one.zones->begin(), one.zones->end())));
    written.push_back(one.report);
  }
  check.Compare("zone_probabilities", torch::stack(zones), kServed);
  CompareReports(check, " (served)", written, reports);
  check.Compare("probabilities", served.probabilities, kServed);
  return absl::OkStatus();
}

absl::Status CheckLanguide(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, NamedImages(check));
  LINGULA_ASSIGN_OR_RETURN(const auto captions, StringsNote(check, "captions"));
  LINGULA_ASSIGN_OR_RETURN(const TextTokens tokens, Tokenize(check.folder(), captions));
  check.CompareExactly("ids", tokens.ids);
  {
    Sgseg net = NetByFormula(formula, false);
    CompareDecoder(check, *net, net->Encode(images), PublishedHidden(formula, tokens));
  }
  SgsegEngine engine = MakeEngine(formula, false);
  std::vector<Sample> asked;
  for (const std::string& caption : captions) {
    const auto zones = ParseReport(caption);
    if (!zones.ok() || ReportFor(*zones) != caption) {
      return absl::OkStatus();  // not in the table: served by the text tower, compared above
    }
    asked.push_back(Sample{{}, GuidanceMode::kReport, *zones, ""});
  }
  LINGULA_ASSIGN_OR_RETURN(const auto served, Serve(engine, images, asked));
  check.Compare("probabilities", served.probabilities, kServed);
  return absl::OkStatus();
}

}  // namespace lingula::parity
