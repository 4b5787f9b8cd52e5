#include "model/train/prolearn_recipe.h"

#include "absl/strings/str_cat.h"
#include "model/base/zones.h"
#include "model/train/recipe_check.h"

namespace lingula {
namespace {

using train::v1::ProlearnTraining;
using train::v1::Recipe;

constexpr int kMaxWords = 65536, kMaxTokens = 512, kMaxWidth = 4096, kMaxLayers = 48;
constexpr int kLeastWords = 5;  // one beside padding, unknown, start and end
constexpr double kMaxScale = 100;

void CheckTower(Textproto& text, const ProlearnTraining& p) {
  if (!text.Has("prolearn.text")) {
    text.Problem("prolearn.text", "is missing: a text tower has to read the captions");
    return;
  }
  const train::v1::CaptionTowerSizes& tower = p.text();
  text.CheckRange("prolearn.text.words", tower.words(), kLeastWords, kMaxWords);
  text.CheckRange("prolearn.text.tokens", tower.tokens(), 3, kMaxTokens);
  text.CheckRange("prolearn.text.hidden", tower.hidden(), 1, kMaxWidth);
  text.CheckRange("prolearn.text.layers", tower.layers(), 1, kMaxLayers);
  text.CheckRange("prolearn.text.feed_forward", tower.feed_forward(), 1, kMaxWords);
  if (tower.heads() == 0 || tower.hidden() % tower.heads() != 0) {
    text.Problem("prolearn.text.heads", absl::StrCat("must divide prolearn.text.hidden ",
                                                     tower.hidden(), ", got ", tower.heads()));
  }
  if (!(tower.dropout() >= 0 && tower.dropout() < 1)) {
    text.Problem("prolearn.text.dropout",
                 absl::StrCat("must be at least 0 and below 1, got ", tower.dropout()));
  }
}

void CheckLabels(Textproto& text, const Recipe& recipe) {
  const ProlearnTraining& p = recipe.prolearn();
  const uint32_t labels = recipe.bundle().prolearn().labels();
  const bool clusters = p.labels() == train::v1::PAIR_LABELS_CLUSTERS;
  if (!clusters && p.labels() != train::v1::PAIR_LABELS_ZONES) {
    text.Problem("prolearn.labels", "must be PAIR_LABELS_ZONES or PAIR_LABELS_CLUSTERS");
  } else if (!clusters && labels != kZones) {
    text.Problem(
        "bundle.prolearn.labels",
        absl::StrCat("must be ", kZones, " where lung zones are the labels, got ", labels));
  }
  if (clusters) {
    text.CheckRange("prolearn.min_cluster_size", p.min_cluster_size(), 2, kMaxWords);
  } else if (p.min_cluster_size() > 0 || p.leave_out_noise()) {
    text.Problem("prolearn.labels",
                 "must be PAIR_LABELS_CLUSTERS for min_cluster_size and "
                 "leave_out_noise to mean anything");
  }
}

void CheckShares(Textproto& text, const ProlearnTraining& p) {
  CheckFigure(text, "prolearn.text_fraction", p.text_fraction(), 0, 1);
  CheckFigure(text, "prolearn.pair_weight", p.pair_weight(), 0, kMaxWeight);
  CheckFigure(text, "prolearn.matching_weight", p.matching_weight(), 0, kMaxWeight);
  CheckFigure(text, "prolearn.label_weight", p.label_weight(), 0, kMaxWeight);
  CheckFigure(text, "prolearn.coarse_weight", p.coarse_weight(), 0, kMaxWeight);
  CheckFigure(text, "prolearn.truth_share", p.truth_share(), 0, 1);
  CheckFigure(text, "prolearn.withheld_share", p.withheld_share(), 0, 1 - p.truth_share());
  if (p.has_guide_scale()) {
    CheckFigure(text, "prolearn.guide_scale", p.guide_scale(), -kMaxScale, kMaxScale);
  }
}

// What only one kind of query encoder can do.
void CheckQuery(Textproto& text, const Recipe& recipe) {
  const ProlearnTraining& p = recipe.prolearn();
  const bool own = recipe.bundle().prolearn().has_own();
  if (!own && (p.pair_weight() > 0 || p.coarse_weight() > 0)) {
    text.Problem("prolearn",
                 "must have pair_weight and coarse_weight 0: the tower of "
                 "bundle.prolearn.vit stands still while masks are learned, and makes "
                 "no tokens of the encoder's features");
  }
  if (own && p.cached_queries()) {
    text.Problem("prolearn.cached_queries",
                 "needs bundle.prolearn.vit: a query of the network's own encoder changes with it");
  }
  if (!own && p.course() != train::v1::PROTOTYPE_COURSE_FIXED &&
      p.course() != train::v1::PROTOTYPE_COURSE_LEARNED) {
    text.Problem("prolearn.course",
                 "must be PROTOTYPE_COURSE_FIXED or PROTOTYPE_COURSE_LEARNED "
                 "with bundle.prolearn.vit, whose queries do not change");
  }
  const auto& network = recipe.bundle().prolearn();
  if (p.matching_weight() > 0 && network.query_dim() != network.response_dim()) {
    text.Problem("prolearn.matching_weight",
                 absl::StrCat("needs bundle.prolearn.query_dim ", network.query_dim(),
                              " to equal response_dim ", network.response_dim()));
  }
  if (p.course() == train::v1::PROTOTYPE_COURSE_LEARNED &&
      network.response() != bundle::v1::RESPONSE_TOKENS) {
    text.Problem("prolearn.course", "PROTOTYPE_COURSE_LEARNED needs RESPONSE_TOKENS");
  }
}

}  // namespace

void CheckProlearnTraining(Textproto& text, const Recipe& recipe) {
  const ProlearnTraining& p = recipe.prolearn();
  text.CheckRange("prolearn.contrastive_epochs", p.contrastive_epochs(), 1, kMaxEpochs);
  if (!(p.contrastive_rate() > 0 && p.contrastive_rate() <= 1)) {
    text.Problem("prolearn.contrastive_rate",
                 absl::StrCat("must be above 0 and at most 1, got ", p.contrastive_rate()));
  }
  CheckTower(text, p);
  CheckLabels(text, recipe);
  CheckShares(text, p);
  CheckQuery(text, recipe);
  if (p.heads_only() && recipe.start() != train::v1::START_ALL) {
    text.Problem("prolearn.heads_only", "needs start: START_ALL, or random weights would stay");
  }
}

}  // namespace lingula
