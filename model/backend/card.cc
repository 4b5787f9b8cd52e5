#include "model/backend/card.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;

const char* WhatItIs(const Manifest& m) {
  switch (m.family()) {
    case bundle::v1::FAMILY_PROLEARN:
      return "A network of the ProLearn family: the image retrieves the most similar of its\n"
             "prototypes, and what reports said about those guides the mask. No text is needed.";
    case bundle::v1::FAMILY_LANGUIDE:
      return "A network of the LanGuideMedSeg family: a report that the caller sends guides the\n"
             "mask. Without a report it has nothing to go by.";
    default:
      return "A network of the SGSeg family: it writes a report of the infected lung zones from a\n"
             "frontal chest X-ray and lets that report guide the mask.";
  }
}

std::string Input(const Manifest& m) {
  const auto& input = m.input();
  return absl::StrFormat(
      "The picture is made %s, resized to %d x %d (%s, aspect ratio not\n"
      "kept) and normalised to mean 0 and standard deviation 1 over its own pixels. Rows and\n"
      "columns are %s.\n"
      "A network that was trained on anything else gives plausible nonsense.\n",
      input.channels() == 1 ? "grey" : "RGB", input.side_px(), input.side_px(),
      input.antialias() ? "averaged over areas where it is larger" : "bicubic, no antialiasing",
      input.transpose() ? "swapped, as the published code does" : "not swapped");
}

std::string Sides(const Manifest& m) {
  if (m.modality() != bundle::v1::MODALITY_CHEST_XRAY) {
    return "";
  }
  return "\nSides in its reports and zones are the viewer's: \"left lung\" is the lung on the left "
         "of\n"
         "the image, normally the patient's right lung.\n";
}

std::string Scores(const Manifest& m) {
  if (m.scores().empty()) {
    return "None were measured. Run `lingula-evaluate` on labelled images before trusting a "
           "mask.\n";
  }
  std::string table = "| metric | value | images | data | guidance |\n|---|---|---|---|---|\n";
  for (const auto& score : m.scores()) {
    absl::StrAppendFormat(&table, "| %s | %.4f | %d | %s | %s |\n", score.metric(), score.value(),
                          score.images(), score.data(), score.guidance());
  }
  return table;
}

std::string Precision(const Manifest& m) {
  const auto row = [](const char* name, float dice) {
    return dice > 0 ? absl::StrFormat("| %s | %.4f |\n", name, dice)
                    : absl::StrFormat("| %s | not measured |\n", name);
  };
  const char* served = m.arithmetic() == bundle::v1::ARITHMETIC_BFLOAT16  ? "bfloat16"
                       : m.arithmetic() == bundle::v1::ARITHMETIC_FLOAT16 ? "float16"
                                                                          : "float32";
  return absl::StrCat(
      "Served in ", served, m.float32_encoder() ? ", the encoder in float32," : "",
      " unless the server is configured otherwise. Dice between the masks in lower\n"
      "precision and in float32 on real images; from 0.995 on it may be the default:"
      "\n\n| arithmetic | Dice against float32 |\n|---|---|\n",
      row("bfloat16", m.bf16_dice()), row("float16", m.fp16_dice()));
}

std::string OutlierText(const bundle::v1::Outliers& o) {
  std::string text = absl::StrFormat(
      "\nPictures are compared with %d images by their features. Beyond a distance of %.2f they "
      "carry\n"
      "FLAG_OUT_OF_DISTRIBUTION, as %.1f %% of the judged images do by mistake.\n",
      o.images(), o.threshold(), 100 * o.false_alarms());
  if (o.outside_images() > 0) {
    absl::StrAppendFormat(&text,
                          "Against %d pictures of %s the area under the ROC curve is %.3f.\n",
                          o.outside_images(), o.outside(), o.auroc());
  }
  return text;
}

std::string PresenceText(const bundle::v1::Presence& p) {
  return absl::StrFormat(
      "\nThe probability that there is something to find is calibrated on %d images of %s with and "
      "%d without:\narea under the ROC curve %.3f, Brier score %.3f by cross-validation (%.3f for "
      "the share alone).\n",
      p.positives(), p.data(), p.negatives(), p.auroc(), p.brier(), p.brier_before());
}

std::string ConflictText(const bundle::v1::Conflict& c) {
  return absl::StrFormat(
      "\nWhere less than %.2f of a mask lies in the zones that guided it, answers carry "
      "FLAG_GUIDANCE_CONFLICT:\n%.1f %% of %d judged masks with a Dice below 0.5, %.1f %% of %d "
      "others.\n",
      c.below(), 100 * c.bad_flagged(), c.bad(), 100 * c.good_flagged(), c.good());
}

std::string Trust(const Manifest& m) {
  if (!m.has_calibration()) {
    return "Expected Dice is not calibrated: it is the bare soft Dice, which is too sure of "
           "itself.\nPictures are not compared with the training data.\n";
  }
  const bundle::v1::Calibration& c = m.calibration();
  return absl::StrCat(
      absl::StrFormat("Expected Dice is calibrated on %s, for the threshold %g and the network's "
                      "own guidance: fitted on\n%d images, judged on %d others.\n\n",
                      c.data(), m.threshold(), c.fitted_images(), c.judged_images()),
      "| on the judged images | value |\n|---|---|\n",
      absl::StrFormat("| mean absolute error of expected Dice | %.4f |\n", c.error()),
      absl::StrFormat("| the same before calibration | %.4f |\n", c.error_before()),
      absl::StrFormat("| rank correlation of expected and true Dice | %.3f |\n",
                      c.rank_correlation()),
      absl::StrFormat("| share of images in the interval of %g %% | %.3f |\n", 100 * c.coverage(),
                      c.coverage_found()),
      absl::StrFormat("| mean width of the interval | %.3f |\n", c.interval_width()),
      c.has_outliers() ? OutlierText(c.outliers()) : "",
      c.has_presence() ? PresenceText(c.presence()) : "",
      c.has_conflict() ? ConflictText(c.conflict()) : "");
}

// What no published data set of the modality shows.
const char* Unseen(const Manifest& m) {
  if (m.modality() == bundle::v1::MODALITY_CHEST_XRAY) {
    return "The published data sets of this family\n"
           "show COVID-19 pneumonia in every image: on healthy lungs, other findings, "
           "lateral views and\n"
           "children its behaviour is not known.";
  }
  return "The published data sets show\n"
         "a polyp in every frame, mostly in one centre's still pictures of a prepared colon: "
         "on frames\n"
         "without a polyp, other organs, instruments, residue and video its behaviour is "
         "not known.";
}

}  // namespace

std::string MakeCard(const Manifest& m, int64_t parameters) {
  return absl::StrCat(
      "# ", m.name(), ", version ", m.version(), "\n\n", m.notice(), "\n\n## What it is\n\n",
      WhatItIs(m),
      absl::StrFormat("\n%.2f million parameters.\n", static_cast<double>(parameters) / 1e6),
      "\n## What it assumes\n\n", Input(m), Sides(m), "\n## Scores\n\n", Scores(m),
      "\n## Precision\n\n", Precision(m), "\n## Trust\n\n", Trust(m), "\n## How it was made\n\n",
      m.provenance(), "\n\n## Not for\n\nDiagnosis, triage or any other clinical use. ", Unseen(m),
      "\n\nLicence of the weights: ", m.license(), ".\n");
}

}  // namespace lingula
