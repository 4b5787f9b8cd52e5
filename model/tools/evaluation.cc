#include "model/tools/evaluation.h"

#include <cmath>
#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "model/eval/ranks.h"

namespace lingula {
namespace {

using Json = nlohmann::json;

Json ToJson(const DataSetScores& s) {
  Json json = {{"n", s.images},
               {"dice", s.dice},
               {"dice_low", s.dice_low},
               {"dice_high", s.dice_high},
               {"bootstrap_clusters", s.clusters},
               {"dice_image_mean", s.dice_image_mean},
               {"jaccard", s.jaccard},
               {"accuracy", s.accuracy},
               {"dice_batch_mean", s.dice_batch_mean},
               {"jaccard_batch_mean", s.jaccard_batch_mean},
               {"accuracy_batch_mean", s.accuracy_batch_mean},
               {"hd95_mean", s.hd95_mean},
               {"hd95_median", s.hd95_median},
               {"hd95_missing", s.hd95_missing},
               {"zone_accuracy", s.zone_accuracy},
               {"zone_precision", s.zone_precision},
               {"zone_recall", s.zone_recall},
               {"zone_f1", s.zone_f1},
               {"reports", s.reports},
               {"expected_dice_mae", s.expected_dice_error},
               {"expected_dice_rank_correlation", s.expected_dice_rank},
               {"coverage", s.coverage},
               {"interval_width", s.interval_width}};
  if (s.reports > 0) {
    for (size_t n = 0; n < s.bleu.size(); ++n) {
      json[absl::StrCat("bleu", n + 1)] = s.bleu[n];
    }
    json["rouge_l"] = s.rouge_l;
    json["exact_reports"] = s.exact_reports;
  }
  for (const CalibrationBin& bin : s.calibration) {
    json["calibration"].push_back({{"from", bin.low},
                                   {"to", bin.high},
                                   {"n", bin.images},
                                   {"expected_dice", bin.expected},
                                   {"dice", bin.dice}});
  }
  return json;
}

Json ToJson(const GuidedScores& run) {
  Json json = ToJson(run.scores);
  json["guidance"] = run.guidance;
  json["quality"] = ToJson(run.quality);
  for (const Subgroup& subgroup : run.subgroups) {
    json["subgroups"].push_back({{"name", subgroup.name},
                                 {"n", subgroup.images},
                                 {"dice", subgroup.dice},
                                 {"dice_low", subgroup.dice_low},
                                 {"dice_high", subgroup.dice_high},
                                 {"hd95_mean", subgroup.hd95_mean},
                                 {"expected_dice_mae", subgroup.expected_dice_error}});
  }
  return json;
}

// A field of CSV; what is not known is empty.
std::string Field(double value) {
  return std::isnan(value) ? "" : absl::StrFormat("%.6g", value);
}

std::string Field(const std::optional<double>& value) {
  return value.has_value() ? Field(*value) : "";
}

std::string Quoted(const std::string& text) {
  return text.find_first_of(",\"\n") == std::string::npos
             ? text
             : absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string Row(const std::string& guidance, const Examined& image) {
  const OverlapCounts& counts = image.score.counts;
  std::string row = Quoted(std::filesystem::path(image.image).filename().string());
  absl::StrAppend(
      &row, ",", Quoted(image.score.group), ",", guidance, ",", Field(counts.Dice()), ",",
      Field(image.score.above.Jaccard()), ",", Field(image.score.hd95), ",", counts.true_positive,
      ",", counts.false_positive, ",", counts.false_negative, ",", counts.true_negative, ",",
      Field(image.share_found), ",", Field(image.score.expected_dice), ",",
      Field(image.score.expected_low), ",", Field(image.score.expected_high), ",",
      image.outlyingness ? Field(image.outlyingness->distance) : "", ",",
      Quoted(image.score.report_found), ",", Quoted(image.score.report_true), ",",
      Field(image.max_probability), ",", Field(image.presence), ",", Field(image.agreement), ",",
      image.conflict ? 1 : 0, ",", Field(image.second_dice));
  for (const double term : image.terms) {
    absl::StrAppend(&row, ",", Field(term));
  }
  return row + "\n";
}

}  // namespace

absl::Status ScoreOutside(const std::string& data, const std::vector<Examined>& outside,
                          Evaluation& evaluation) {
  OutsideScores scores;
  scores.data = data;
  const auto collect = [](const std::vector<Examined>& images, std::vector<double>& distances) {
    double flagged = 0;
    for (const Examined& image : images) {
      if (image.outlyingness.has_value()) {
        distances.push_back(image.outlyingness->distance);
        flagged += image.outlyingness->outside ? 1 : 0;
      }
    }
    return flagged / static_cast<double>(images.size());
  };
  scores.inside_flagged = collect(evaluation.runs.front().images, scores.inside);
  scores.outside_flagged = collect(outside, scores.outside);
  if (scores.inside.empty() || scores.outside.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(evaluation.bundle,
                     " cannot tell pictures from outside its data: lingula-calibrate fits what is "
                     "needed for --outside"));
  }
  scores.auroc = Auroc(scores.outside, scores.inside);
  evaluation.outside = {std::move(scores)};
  return absl::OkStatus();
}

Json ToJson(const Evaluation& evaluation) {
  Json json = ToJson(evaluation.runs.front());
  for (const GuidedScores& run : evaluation.runs) {
    json["runs"][run.guidance] = ToJson(run);
    if (run.guidance == "none" && &run != &evaluation.runs.front()) {
      json["text_withheld"] = ToJson(run);
    }
  }
  for (const OutsideScores& outside : evaluation.outside) {
    json["outside"] = {{"data", outside.data},
                       {"n", outside.outside.size()},
                       {"auroc", outside.auroc},
                       {"flagged", outside.outside_flagged},
                       {"flagged_inside", outside.inside_flagged}};
  }
  json["bundle"] = evaluation.bundle;
  json["weights_sha256"] = evaluation.weights_sha256;
  json["engine"] = evaluation.engine;
  json["data"] = evaluation.data;
  if (!evaluation.calibrated_on.empty()) {
    json["calibrated_on"] = evaluation.calibrated_on;
  }
  return json;
}

std::string Caution(const Evaluation& evaluation) {
  return evaluation.calibrated_on != evaluation.data ? ""
                                                     : "the bundle was calibrated on half of these "
                                                       "images: expected Dice and distances look "
                                                       "better here than elsewhere; see its card";
}

std::string ToCsv(const Evaluation& evaluation) {
  std::string csv =
      "image,group,guidance,dice,jaccard,hd95_px,true_positive,false_positive,false_negative,"
      "true_negative,mask_share,expected_dice,expected_low,expected_high,outlier_distance,"
      "report_found,report_true,max_probability,presence,guidance_agreement,guidance_conflict,"
      "second_opinion_dice";
  for (int i = 0; i < kTrustTerms; ++i) {
    absl::StrAppend(&csv, ",", NameOf(static_cast<TrustTerm>(i)));
  }
  csv += "\n";
  for (const GuidedScores& run : evaluation.runs) {
    for (const Examined& image : run.images) {
      csv += Row(run.guidance, image);
    }
  }
  return csv;
}

}  // namespace lingula
