#include "model/tools/quality_figures.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

#include "model/eval/ranks.h"
#include "model/tools/calibrate_flags.h"

namespace lingula {
namespace {

using Json = nlohmann::json;
using ImageList = std::vector<const Examined*>;
using Figure = std::function<double(const ImageList&)>;

bool IsFound(const Examined& image) {
  return image.share_found > 0 && image.has_mask;
}
bool IsBad(const Examined& image) {
  return image.score.counts.Dice() < kBadDice;
}
bool IsPresent(const Examined& image) {
  return image.score.counts.true_positive + image.score.counts.false_negative > 0;
}

// The mean of `value` over the images of which `counted` is true; NaN without any.
double Mean(const ImageList& images, const std::function<bool(const Examined&)>& counted,
            const std::function<double(const Examined&)>& value) {
  double sum = 0, count = 0;
  for (const Examined* image : images) {
    if (counted(*image)) {
      sum += value(*image);
      ++count;
    }
  }
  return count > 0 ? sum / count : kNotKnown;
}

double RankOf(const ImageList& images, const std::function<double(const Examined&)>& value) {
  std::vector<double> values, dice;
  for (const Examined* image : images) {
    if (IsFound(*image) && !std::isnan(value(*image))) {
      values.push_back(value(*image));
      dice.push_back(image->score.counts.Dice());
    }
  }
  return RankCorrelation(values, dice);
}

double PresenceAuroc(const ImageList& images) {
  std::vector<double> with, without;
  for (const Examined* image : images) {
    (IsPresent(*image) ? with : without).push_back(image->max_probability);
  }
  return Auroc(with, without);
}

// Draws whole groups with replacement.
class Bootstrap {
 public:
  Bootstrap(const std::vector<Examined>& images, int resamples, uint64_t seed) {
    std::map<std::string, ImageList> by_group;
    for (const Examined& image : images) {
      all_.push_back(&image);
      by_group[image.score.group.empty() ? "/" + image.image : image.score.group].push_back(&image);
    }
    std::vector<const ImageList*> groups;
    for (const auto& [name, group] : by_group) {
      groups.push_back(&group);
    }
    std::mt19937_64 random(seed);
    draws_.resize(resamples);
    for (ImageList& draw : draws_) {
      for (size_t i = 0; i < groups.size(); ++i) {
        const ImageList& group = *groups[random() % groups.size()];
        draw.insert(draw.end(), group.begin(), group.end());
      }
    }
  }

  Measured operator()(const Figure& figure) const {
    std::vector<double> drawn;
    for (const ImageList& draw : draws_) {
      const double value = figure(draw);
      if (!std::isnan(value)) {
        drawn.push_back(value);
      }
    }
    return {figure(all_), Quantile(drawn, 0.025), Quantile(drawn, 0.975)};
  }

 private:
  ImageList all_;
  std::vector<ImageList> draws_;
};

double Expected(const Examined& image) {
  return image.score.expected_dice;
}
double SecondDice(const Examined& image) {
  return image.second_dice.value_or(kNotKnown);
}

// Means over bad or over good masks.
Figure Over(bool bad, const std::function<double(const Examined&)>& value) {
  return [bad, value](const ImageList& images) {
    const auto counted = [&](const Examined& image) {
      return IsFound(image) && IsBad(image) == bad && !std::isnan(value(image));
    };
    return Mean(images, counted, value);
  };
}

void MeasureExpectations(const Bootstrap& measure, QualityFigures& figures) {
  const auto judged = [](const Examined& image) {
    return IsFound(image) && !std::isnan(Expected(image));
  };
  figures.error = measure([&](const ImageList& drawn) {
    return Mean(drawn, judged, [](const Examined& image) {
      return std::abs(Expected(image) - image.score.counts.Dice());
    });
  });
  figures.rank_correlation =
      measure([](const ImageList& drawn) { return RankOf(drawn, Expected); });
  const auto has_interval = [](const Examined& image) {
    return IsFound(image) && !std::isnan(image.score.expected_low);
  };
  figures.coverage = measure([&](const ImageList& drawn) {
    return Mean(drawn, has_interval, [](const Examined& image) {
      const double dice = image.score.counts.Dice();
      return dice >= image.score.expected_low && dice <= image.score.expected_high ? 1.0 : 0.0;
    });
  });
}

}  // namespace

QualityFigures MeasureQuality(const std::vector<Examined>& images, int resamples, uint64_t seed) {
  QualityFigures figures;
  for (const Examined& image : images) {
    ++(IsPresent(image) ? figures.present : figures.absent);
    if (IsFound(image)) {
      ++(IsBad(image) ? figures.bad : figures.good);
    }
  }
  const Bootstrap measure(images, resamples, seed);
  MeasureExpectations(measure, figures);
  const auto conflict = [](const Examined& image) { return image.conflict ? 1.0 : 0.0; };
  const auto agreement = [](const Examined& image) { return image.agreement.value_or(kNotKnown); };
  figures.conflict_bad = measure(Over(true, conflict));
  figures.conflict_good = measure(Over(false, conflict));
  figures.agreement_bad = measure(Over(true, agreement));
  figures.agreement_good = measure(Over(false, agreement));
  figures.second_dice = measure([](const ImageList& drawn) {
    return Mean(
        drawn, [](const Examined& image) { return image.second_dice.has_value(); }, SecondDice);
  });
  figures.second_rank = measure([](const ImageList& drawn) { return RankOf(drawn, SecondDice); });
  figures.presence_auroc = measure(PresenceAuroc);
  return figures;
}

Json ToJson(const QualityFigures& figures) {
  const auto of = [](const Measured& figure) {
    return Json{{"value", figure.value}, {"low", figure.low}, {"high", figure.high}};
  };
  return {{"bad", figures.bad},
          {"good", figures.good},
          {"expected_dice_mae", of(figures.error)},
          {"expected_dice_rank_correlation", of(figures.rank_correlation)},
          {"coverage", of(figures.coverage)},
          {"guidance_conflict_bad", of(figures.conflict_bad)},
          {"guidance_conflict_good", of(figures.conflict_good)},
          {"guidance_agreement_bad", of(figures.agreement_bad)},
          {"guidance_agreement_good", of(figures.agreement_good)},
          {"second_opinion_dice", of(figures.second_dice)},
          {"second_opinion_rank_correlation", of(figures.second_rank)},
          {"present", figures.present},
          {"absent", figures.absent},
          {"presence_auroc", of(figures.presence_auroc)}};
}

}  // namespace lingula
