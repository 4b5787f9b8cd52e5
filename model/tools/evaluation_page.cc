#include <cmath>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/plot/plot.h"
#include "model/tools/evaluation.h"

namespace lingula {
namespace {

std::string Share(double value) {
  return std::isnan(value) ? "n/a" : absl::StrFormat("%.4f", value);
}

std::string Pixels(double value) {
  return std::isnan(value) ? "n/a" : absl::StrFormat("%.1f", value);
}

std::string Figures(const Evaluation& evaluation) {
  std::string text =
      "| guidance | Dice | 95 % interval | Jaccard | accuracy | mean of images | batch mean | HD95 "
      "mean, px | median | none |\n|---|---|---|---|---|---|---|---|---|---|\n";
  for (const GuidedScores& run : evaluation.runs) {
    const DataSetScores& s = run.scores;
    absl::StrAppend(&text, "| ", run.guidance, " | ", Share(s.dice), " | ", Share(s.dice_low),
                    " to ", Share(s.dice_high), " | ", Share(s.jaccard), " | ", Share(s.accuracy),
                    " | ", Share(s.dice_image_mean), " | ", Share(s.dice_batch_mean), " | ",
                    Pixels(s.hd95_mean), " | ", Pixels(s.hd95_median), " | ", s.hd95_missing,
                    " |\n");
  }
  return absl::StrCat(
      text,
      "\nDice, Jaccard and accuracy are pooled over all pixels; the interval is a bootstrap over ",
      evaluation.runs.front().scores.clusters,
      " images or groups. Batch mean: over\nbatches of 32. HD95: the larger of both directions' "
      "95th percentiles between outlines, at the size of the reference\nmasks; images of which one "
      "mask is empty have none.\n");
}

std::string Words(const Evaluation& evaluation) {
  std::string text;
  for (const GuidedScores& run : evaluation.runs) {
    const DataSetScores& s = run.scores;
    if (s.reports == 0) {
      continue;
    }
    absl::StrAppend(
        &text, "| ", s.reports, " | ", Share(s.zone_accuracy), " | ", Share(s.zone_precision),
        " | ", Share(s.zone_recall), " | ", Share(s.zone_f1), " | ",
        absl::StrFormat("%.3f / %.3f / %.3f / %.3f", s.bleu[0], s.bleu[1], s.bleu[2], s.bleu[3]),
        " | ", Share(s.rouge_l), " | ", Share(s.exact_reports), " |\n");
  }
  return text.empty() ? ""
                      : absl::StrCat(
                            "\n## Reports\n\n| reports | zone accuracy | precision | "
                            "recall | F1, macro | BLEU-1 to 4 | ROUGE-L | exact "
                            "|\n|---|---|---|---|---|---|---|---|\n",
                            text);
}

std::string Expectations(const Evaluation& evaluation) {
  std::string text =
      "\n## Expected Dice\n\n| guidance | mean absolute error | rank correlation | coverage | mean "
      "width |\n|---|---|---|---|---|\n";
  for (const GuidedScores& run : evaluation.runs) {
    const DataSetScores& s = run.scores;
    absl::StrAppend(&text, "| ", run.guidance, " | ", Share(s.expected_dice_error), " | ",
                    Share(s.expected_dice_rank), " | ", Share(s.coverage), " | ",
                    Share(s.interval_width), " |\n");
  }
  absl::StrAppend(&text,
                  "\n| expected | images | mean expected | mean Dice |\n|---|---|---|---|\n");
  for (const CalibrationBin& bin : evaluation.runs.front().scores.calibration) {
    if (bin.images > 0) {
      absl::StrAppend(&text, absl::StrFormat("| %.1f to %.1f | %d | %.3f | %.3f |\n", bin.low,
                                             bin.high, bin.images, bin.expected, bin.dice));
    }
  }
  return text;
}

std::string Subgroups(const Evaluation& evaluation) {
  std::string text =
      "\n## Subgroups\n\n| images | n | Dice | 95 % interval | HD95 mean, px | expected-Dice error "
      "|\n|---|---|---|---|---|---|\n";
  for (const Subgroup& group : evaluation.runs.front().subgroups) {
    absl::StrAppend(&text, "| ", group.name, " | ", group.images, " | ", Share(group.dice), " | ",
                    Share(group.dice_low), " to ", Share(group.dice_high), " | ",
                    Pixels(group.hd95_mean), " | ", Share(group.expected_dice_error), " |\n");
  }
  return text;
}

std::string Outside(const Evaluation& evaluation) {
  std::string text;
  for (const OutsideScores& outside : evaluation.outside) {
    absl::StrAppend(&text, "\n## Pictures from outside\n\n", outside.outside.size(),
                    " pictures of ", outside.data, " against ", outside.inside.size(), " of ",
                    evaluation.data, ": AUROC ", Share(outside.auroc), "; flagged are ",
                    Share(outside.outside_flagged), " of them and ", Share(outside.inside_flagged),
                    " of the data.\n");
  }
  return text;
}

// Draws charts beside the page and links them.
class Charts {
 public:
  explicit Charts(const std::string& page)
      : stem_((std::filesystem::path(page).parent_path() / std::filesystem::path(page).stem())
                  .string()) {}

  std::string Path(const std::string& name) const { return absl::StrCat(stem_, "-", name, ".png"); }
  std::string Link(const std::string& name, const std::string& title) const {
    return absl::StrCat("\n![", title, "](", std::filesystem::path(Path(name)).filename().string(),
                        ")\n");
  }

 private:
  const std::string stem_;
};

absl::Status DrawExpected(const GuidedScores& run, const Charts& charts, std::string& links) {
  Series curve{"mean of each tenth", {}, {}}, points{"", {}, {}};
  for (const CalibrationBin& bin : run.scores.calibration) {
    if (bin.images > 0) {
      curve.x.push_back(bin.expected);
      curve.y.push_back(bin.dice);
    }
  }
  for (const Examined& image : run.images) {
    if (!std::isnan(image.score.expected_dice)) {
      points.x.push_back(image.score.expected_dice);
      points.y.push_back(image.score.counts.Dice());
    }
  }
  if (points.x.empty()) {
    return absl::OkStatus();  // every mask is empty
  }
  Figure figure;
  figure.title = "Expected and true Dice";
  figure.x_label = "expected Dice";
  figure.y_label = "true Dice";
  figure.x_range = figure.y_range = AxisRange{};
  figure.diagonal = true;
  LINGULA_RETURN_IF_ERROR(PlotLines(charts.Path("calibration"), figure, {curve}));
  LINGULA_RETURN_IF_ERROR(PlotScatter(charts.Path("expected"), figure, {points}));
  links += charts.Link("calibration", "Calibration curve") +
           charts.Link("expected", "Expected and true Dice of each image");
  return absl::OkStatus();
}

absl::Status DrawSubgroups(const GuidedScores& run, const Charts& charts, std::string& links) {
  std::vector<Bar> bars;
  for (const Subgroup& group : run.subgroups) {
    bars.push_back({group.name, group.dice, group.dice_low, group.dice_high});
  }
  Figure figure;
  figure.title = "Dice by subgroup";
  figure.x_label = "pooled Dice, 95 % interval";
  figure.x_range = AxisRange{};
  LINGULA_RETURN_IF_ERROR(PlotBars(charts.Path("subgroups"), figure, bars));
  links += charts.Link("subgroups", figure.title);
  return absl::OkStatus();
}

absl::Status DrawDistances(const Evaluation& evaluation, const Charts& charts, std::string& links) {
  ValueSet distances{evaluation.runs.front().guidance, {}};
  for (const Examined& image : evaluation.runs.front().images) {
    if (!std::isnan(image.score.hd95)) {
      distances.values.push_back(image.score.hd95);
    }
  }
  Figure figure;
  figure.title = "HD95";
  figure.x_label = "pixels";
  figure.y_label = "% of the images";
  if (!distances.values.empty()) {
    LINGULA_RETURN_IF_ERROR(PlotHistogram(charts.Path("hd95"), figure, {distances}));
    links += charts.Link("hd95", "HD95 of the images");
  }
  for (const OutsideScores& outside : evaluation.outside) {
    figure.title = "Distance from the training data";
    figure.x_label = "distance";
    LINGULA_RETURN_IF_ERROR(
        PlotHistogram(charts.Path("outside"), figure,
                      {{evaluation.data, outside.inside}, {outside.data, outside.outside}}));
    links += charts.Link("outside", figure.title);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WritePage(const Evaluation& evaluation, const std::string& path) {
  const Charts charts(path);
  std::error_code error;  // where the folder cannot be made, writing says why
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  const std::string caution = Caution(evaluation);
  std::string links = "\n## Charts\n";
  LINGULA_RETURN_IF_ERROR(DrawExpected(evaluation.runs.front(), charts, links));
  LINGULA_RETURN_IF_ERROR(DrawSubgroups(evaluation.runs.front(), charts, links));
  LINGULA_RETURN_IF_ERROR(DrawDistances(evaluation, charts, links));
  return WriteFile(
      path,
      absl::StrCat("# ", evaluation.bundle, " on ", evaluation.data, "\n\n",
                   evaluation.runs.front().scores.images, " images, ", evaluation.engine,
                   ", weights ", evaluation.weights_sha256.substr(0, 12), ".\n",
                   caution.empty() ? "" : absl::StrCat("\nNote: ", caution, ".\n"),
                   "\n## Masks\n\n", Figures(evaluation), Words(evaluation),
                   Expectations(evaluation), Subgroups(evaluation), Outside(evaluation), links));
}

}  // namespace lingula
