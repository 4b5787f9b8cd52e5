// The outcome of lingula-evaluate, and the forms in which it is handed over.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "absl/status/status.h"
#include "model/eval/scores.h"
#include "model/tools/examine.h"
#include "model/tools/quality_figures.h"

namespace lingula {

// One way to guide the masks.
struct GuidedScores {
  std::string guidance;  // "generated_report", "none", ...
  DataSetScores scores;
  std::vector<Subgroup> subgroups;
  std::vector<Examined> images;
  QualityFigures quality;
};

// Pictures from outside the training data, against those of the data.
struct OutsideScores {
  std::string data;
  std::vector<double> inside, outside;  // distances
  double auroc = kNotKnown;
  double inside_flagged = 0, outside_flagged = 0;  // shares
};

struct Evaluation {
  std::string bundle, weights_sha256, engine, data;  // "name@version", "cpu float32", file name
  std::string calibrated_on;           // data of the bundle's calibration; empty: it has none
  std::vector<GuidedScores> runs;      // at least one; the first is the main one
  std::vector<OutsideScores> outside;  // none or one
};

// Of the first run's images. `outside` are the pictures from there.
// Errors   FAILED_PRECONDITION when the bundle measures no distances.
absl::Status ScoreOutside(const std::string& data, const std::vector<Examined>& outside,
                          Evaluation& evaluation);

// The first run's figures at the top level, "text_withheld" for a run without text, all of them in
// "runs". What is not known is null.
nlohmann::json ToJson(const Evaluation& evaluation);

// What to bear in mind when reading the figures; empty: nothing.
std::string Caution(const Evaluation& evaluation);

// A row an image and guidance, with the terms that expected Dice is made from. Paths are left out:
// an image is its file name.
std::string ToCsv(const Evaluation& evaluation);

// Writes <path>, a page of Markdown, and its charts beside it, named after it. Its folder is made.
absl::Status WritePage(const Evaluation& evaluation, const std::string& path);

}  // namespace lingula
