#include "model/train/recipe_check.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/bundle/bundle.h"
#include "model/train/prolearn_recipe.h"

namespace lingula {
namespace {

using train::v1::Augmentation;
using train::v1::Losses;
using train::v1::Recipe;
using train::v1::Schedule;
using train::v1::TextTower;

constexpr int kMaxBatch = 4096;
constexpr int kMaxSteps = 1000000000;
constexpr int kMaxLayers = 48;
constexpr int kMaxWidth = 65536;
constexpr double kMaxNorm = 1e6;
constexpr double kMaxScale = 100;

// Problem unless value is in (0, 1].
void CheckRate(Textproto& text, absl::string_view field, double value) {
  if (!(value > 0 && value <= 1)) {
    text.Problem(field, absl::StrCat("must be above 0 and at most 1, got ", value));
  }
}

// Problem unless value is in [0, 1).
void CheckShare(Textproto& text, absl::string_view field, double value) {
  if (!(value >= 0 && value < 1)) {
    text.Problem(field, absl::StrCat("must be at least 0 and below 1, got ", value));
  }
}

void CheckRates(Textproto& text, const Schedule& s) {
  CheckRate(text, "schedule.rate", s.rate());
  if (s.encoder_rate() != 0) {
    CheckRate(text, "schedule.encoder_rate", s.encoder_rate());
  }
  const double lowest = s.encoder_rate() > 0 ? std::min(s.rate(), s.encoder_rate()) : s.rate();
  CheckFigure(text, "schedule.min_rate", s.min_rate(), 0, lowest);
  if (s.cosine_epochs() != 0) {
    text.CheckRange("schedule.cosine_epochs", s.cosine_epochs(), s.epochs(), kMaxEpochs);
  }
}

void CheckSchedule(Textproto& text, const Recipe& recipe) {
  const Schedule& s = recipe.schedule();
  if (!recipe.has_schedule()) {
    text.Problem("schedule", "is missing: a recipe says how long and how fast to train");
    return;
  }
  text.CheckRange("schedule.epochs", s.epochs(), 1, kMaxEpochs);
  text.CheckRange("schedule.batch", s.batch(), 2, kMaxBatch);
  text.CheckRange("schedule.validation_batch", s.validation_batch(), 0, kMaxBatch);
  CheckRates(text, s);
  CheckShare(text, "schedule.weight_decay", s.weight_decay());
  text.CheckRange("schedule.warmup_steps", s.warmup_steps(), 0, kMaxSteps);
  CheckShare(text, "schedule.average", s.average());
  CheckFigure(text, "schedule.clip_norm", s.clip_norm(), 0, kMaxNorm);
  text.CheckRange("schedule.patience", s.patience(), 0, kMaxEpochs);
  text.CheckRange("schedule.min_epochs", s.min_epochs(), 0, s.epochs());
  if (s.min_epochs() > 0 && s.patience() == 0) {
    text.Problem("schedule.min_epochs", "has no effect without patience: all epochs are run");
  }
  if (s.average() > 0 && s.selection() == train::v1::SELECTION_TRAINING_ACCURACY_AND_DICE) {
    text.Problem("schedule.selection",
                 "cannot be the training figure when weights are averaged: it measures weights "
                 "that are not kept; leave out schedule.average or select by validation");
  }
}

void CheckAugmentation(Textproto& text, const Recipe& recipe) {
  const Augmentation& a = recipe.augmentation();
  CheckFigure(text, "augmentation.zoom", a.zoom(), 0, 0.9);
  CheckFigure(text, "augmentation.rotate_degrees", a.rotate_degrees(), 0, 180);
  CheckFigure(text, "augmentation.shift", a.shift(), 0, 0.5);
  CheckFigure(text, "augmentation.flip", a.flip(), 0, 1);
  CheckFigure(text, "augmentation.flip_rows", a.flip_rows(), 0, 1);
  CheckFigure(text, "augmentation.gamma", a.gamma(), 0, 3);
  CheckFigure(text, "augmentation.noise", a.noise(), 0, 1);
  CheckFigure(text, "augmentation.elastic", a.elastic(), 0, 0.5);
  CheckFigure(text, "augmentation.colour", a.colour(), 0, 1);
  CheckFigure(text, "augmentation.erase", a.erase(), 0, 1);
  if (a.colour() > 0 && recipe.bundle().input().channels() != 3) {
    text.Problem("augmentation.colour", "must be 0 for grey images (bundle.input.channels 1)");
  }
  const double others = a.zoom() + a.rotate_degrees() + a.shift() + a.flip() + a.flip_rows() +
                        a.gamma() + a.noise() + a.elastic() + a.colour() + a.erase();
  if (a.reference_zoom() && others > 0) {
    text.Problem("augmentation.reference_zoom", "excludes all other variation");
  }
}

void CheckLosses(Textproto& text, const Recipe& recipe) {
  const Losses& l = recipe.losses();
  if (!recipe.has_losses()) {
    text.Problem("losses", "is missing: a recipe says what is learned");
    return;
  }
  const std::pair<const char*, double> weights[] = {{"dice", l.dice()},
                                                    {"pooled_dice", l.pooled_dice()},
                                                    {"cross_entropy", l.cross_entropy()},
                                                    {"zones", l.zones()},
                                                    {"coarse", l.coarse()}};
  for (const auto& [name, weight] : weights) {
    CheckFigure(text, absl::StrCat("losses.", name), weight, 0, kMaxWeight);
  }
  const bool own = l.dice() + l.pooled_dice() + l.cross_entropy() > 0;
  const bool reference = l.reference_dice_ce() != train::v1::REFERENCE_LOSS_UNSPECIFIED;
  if (own == reference) {
    text.Problem("losses", own ? "has both reference_dice_ce and weights of dice, pooled_dice or "
                                 "cross_entropy: choose one"
                               : "has no loss for masks: give dice, pooled_dice or cross_entropy a "
                                 "weight, or choose reference_dice_ce");
  }
  const bool zones = recipe.bundle().family() == bundle::v1::FAMILY_SGSEG;
  if (l.zones() > 0 && !zones) {
    text.Problem("losses.zones", "must be 0: only family sgseg finds zones");
  }
  if (l.coarse() > 0 && !recipe.bundle().sgseg().has_location()) {
    text.Problem("losses.coarse", "must be 0: only bundle.sgseg.location makes a coarse mask");
  }
}

// `path` of the tower, for example "sgseg.text".
void CheckTower(Textproto& text, const Recipe& recipe, const std::string& path,
                const TextTower& tower) {
  if (!text.Has(path)) {
    text.Problem(path, "is missing: a text tower has to read the reports");
    return;
  }
  const bundle::v1::SgsegSpec& network = recipe.bundle().sgseg();
  text.CheckRange(path + ".layers", tower.layers(), 1, kMaxLayers);
  text.CheckRange(path + ".feed_forward", tower.feed_forward(), 1, kMaxWidth);
  if (tower.heads() == 0 || network.report_dim() % tower.heads() != 0) {
    text.Problem(path + ".heads", absl::StrCat("must divide bundle.sgseg.report_dim ",
                                               network.report_dim(), ", got ", tower.heads()));
  }
  if (tower.positions() != 0) {
    text.CheckRange(path + ".positions", tower.positions(), network.report_tokens(), kMaxWidth);
  }
  CheckShare(text, path + ".dropout", tower.dropout());
  const bool file = !tower.vocabulary_file().empty();
  if (file && tower.vocabulary() != train::v1::VOCABULARY_UNSPECIFIED) {
    text.Problem(path + ".vocabulary_file", "excludes vocabulary: choose one");
  }
  if (tower.frozen() && recipe.start() != train::v1::START_ALL) {
    text.Problem(path + ".frozen", "needs start: START_ALL, or random weights would stay");
  }
  if (network.has_text_encoder() && !file) {
    text.Problem("bundle.sgseg.text_encoder",
                 absl::StrCat("needs ", path, ".vocabulary_file, which goes into the bundle"));
  }
}

// A tower that the bundle keeps has the sizes that its manifest says.
void CheckKeptTower(Textproto& text, const Recipe& recipe, const TextTower& tower) {
  const bundle::v1::BertSpec& kept = recipe.bundle().sgseg().text_encoder();
  const uint32_t positions =
      tower.positions() > 0 ? tower.positions() : recipe.bundle().sgseg().report_tokens();
  const std::tuple<const char*, uint32_t, uint32_t> sizes[] = {
      {"layers", kept.layers(), tower.layers()},
      {"heads", kept.heads(), tower.heads()},
      {"feed_forward", kept.feed_forward(), tower.feed_forward()},
      {"positions", kept.positions(), positions}};
  for (const auto& [name, has, needs] : sizes) {
    if (recipe.bundle().sgseg().has_text_encoder() && has != needs) {
      text.Problem(absl::StrCat("bundle.sgseg.text_encoder.", name),
                   absl::StrCat("must equal the text tower's, ", needs, ", got ", has));
    }
  }
}

void CheckSgseg(Textproto& text, const Recipe& recipe) {
  const train::v1::SgsegTraining& s = recipe.sgseg();
  const double last = s.has_last_truth_share() ? s.last_truth_share() : s.truth_share();
  CheckFigure(text, "sgseg.truth_share", s.truth_share(), 0, 1);
  CheckFigure(text, "sgseg.last_truth_share", last, 0, 1);
  CheckFigure(text, "sgseg.withheld_share", s.withheld_share(), 0,
              1 - std::max(s.truth_share(), last));
  if (s.has_guide_scale()) {
    CheckFigure(text, "sgseg.guide_scale", s.guide_scale(), -kMaxScale, kMaxScale);
  }
  text.CheckRange("sgseg.contrastive_steps", s.contrastive_steps(), 0, kMaxSteps);
  CheckTower(text, recipe, "sgseg.text", s.text());
  CheckKeptTower(text, recipe, s.text());
}

void CheckLanguide(Textproto& text, const Recipe& recipe) {
  const train::v1::LanguideTraining& l = recipe.languide();
  CheckFigure(text, "languide.withheld_share", l.withheld_share(), 0, 1);
  if (l.has_guide_scale()) {
    CheckFigure(text, "languide.guide_scale", l.guide_scale(), -kMaxScale, kMaxScale);
  }
  CheckTower(text, recipe, "languide.text", l.text());
  CheckKeptTower(text, recipe, l.text());
}

void CheckTraining(Textproto& text, const Recipe& recipe) {
  struct Part {
    bundle::v1::Family family;
    const char* name;
    bool there;
    void (*check)(Textproto&, const Recipe&);
  };
  const Part parts[] = {
      {bundle::v1::FAMILY_SGSEG, "sgseg", recipe.has_sgseg(), CheckSgseg},
      {bundle::v1::FAMILY_PROLEARN, "prolearn", recipe.has_prolearn(), CheckProlearnTraining},
      {bundle::v1::FAMILY_LANGUIDE, "languide", recipe.has_languide(), CheckLanguide}};
  for (const Part& part : parts) {
    if (part.family == recipe.bundle().family() && !part.there) {
      text.Problem(part.name, absl::StrCat("is missing: family ", part.name, " needs it"));
    } else if (part.family != recipe.bundle().family() && part.there) {
      text.Problem(part.name, "does not belong to the family of the bundle");
    } else if (part.there) {
      part.check(text, recipe);
    }
  }
  if (recipe.start() == train::v1::START_DETECTOR &&
      recipe.bundle().family() != bundle::v1::FAMILY_SGSEG) {
    text.Problem("start", "must not be START_DETECTOR: only family sgseg has a detector");
  }
}

}  // namespace

void CheckFigure(Textproto& text, absl::string_view field, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    text.Problem(field, absl::StrCat("must be in [", low, ", ", high, "], got ", value));
  }
}

void CheckRecipe(Textproto& text, const Recipe& recipe) {
  if (recipe.has_bundle()) {
    text.Within("bundle");
    CheckManifest(text, recipe.bundle(), ManifestKind::kRecipe);
    text.Within("");
  } else {
    text.Problem("bundle", "is missing: a recipe holds the manifest of the bundle to be made");
    return;  // the rest depends on it
  }
  CheckSchedule(text, recipe);
  CheckAugmentation(text, recipe);
  CheckLosses(text, recipe);
  CheckTraining(text, recipe);
}

}  // namespace lingula
