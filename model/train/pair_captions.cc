#include "model/train/pair_captions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/text/report_grammar.h"
#include "model/train/turn_places.h"

namespace lingula {
namespace {

// A number that looks random and depends on row and seed alone (SplitMix64).
uint64_t Scrambled(uint64_t seed, int64_t row) {
  uint64_t z = seed * 0xD1B54A32D192ED03 + static_cast<uint64_t>(row + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

std::vector<int64_t> ChooseRows(std::vector<int64_t> rows, double fraction, uint64_t seed) {
  const auto count = static_cast<size_t>(std::ceil(fraction * static_cast<double>(rows.size())));
  std::sort(rows.begin(), rows.end(),
            [&](int64_t a, int64_t b) { return Scrambled(seed, a) < Scrambled(seed, b); });
  rows.resize(std::min(rows.size(), count));
  std::sort(rows.begin(), rows.end());
  return rows;
}

ZoneBits ZonesOf(const torch::Tensor& zones, int64_t row) {
  ZoneBits bits;
  for (int z = 0; z < kZones; ++z) {
    bits[z] = zones[row][z].item<float>() >= kZoneThreshold;
  }
  return bits;
}

absl::StatusOr<PairCaptions> PairCaptions::Of(const ImageCache& train,
                                              const train::v1::Recipe& recipe, uint64_t seed) {
  const train::v1::ProlearnTraining& p = recipe.prolearn();
  PairCaptions pairs;
  pairs.as_written_ = p.captions() == train::v1::CAPTIONS_AS_WRITTEN;
  pairs.transposed_ = recipe.bundle().input().transpose();
  if (p.labels() == train::v1::PAIR_LABELS_ZONES) {
    LINGULA_RETURN_IF_ERROR(RequireZones(train));
  }
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < train.size(); ++row) {
    const bool zoned = train.has_zones[row].item<bool>();
    if (!train.reports[row].empty() || (zoned && !pairs.as_written_)) {
      rows.push_back(row);
    }
  }
  pairs.rows_ = ChooseRows(std::move(rows), p.text_fraction() > 0 ? p.text_fraction() : 1, seed);
  if (pairs.rows_.size() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat(pairs.rows_.size(), " of ", train.size(),
                     " training images have a caption to learn from (column `report`, or `zones`, "
                     "and prolearn.text_fraction of the recipe); at least 2 are needed"));
  }
  pairs.all_ = static_cast<int64_t>(pairs.rows_.size()) == train.size();
  pairs.place_.assign(train.size(), -1);
  for (const int64_t row : pairs.rows_) {
    pairs.place_[row] = static_cast<int64_t>(pairs.captions_.size());
    pairs.zoned_.push_back(!pairs.as_written_ && train.has_zones[row].item<bool>());
    pairs.captions_.push_back(pairs.zoned_.back() ? ReportFor(ZonesOf(train.zones, row))
                                                  : train.reports[row]);
  }
  return pairs;
}

std::string PairCaptions::Fitted(const TrainBatch& batch, int64_t sample, int64_t row) const {
  const int64_t place = place_[row];
  if (zoned_[place]) {
    return ReportFor(ZonesOf(batch.zones, sample));
  }
  if (as_written_ || !batch.turns.defined()) {
    return captions_[place];
  }
  const auto t = batch.turns[sample].to(torch::kCPU).to(torch::kFloat64).contiguous();
  const auto* v = t.data_ptr<double>();
  // The last axis of a transposed picture runs down.
  const Turn turn = transposed_ ? Turn{v[3], v[2], v[1], v[0]} : Turn{v[0], v[1], v[2], v[3]};
  return TurnPlaces(captions_[place], turn);
}

std::vector<std::string> PairCaptions::For(const TrainBatch& batch) const {
  TrainBatch here;  // what is looked at one by one
  here.rows = batch.rows.to(torch::kCPU);
  here.zones = batch.zones.to(torch::kCPU);
  here.turns = batch.turns.defined() ? batch.turns.to(torch::kCPU) : batch.turns;
  std::vector<std::string> captions;
  for (int64_t i = 0; i < here.rows.size(0); ++i) {
    const auto row = here.rows[i].item<int64_t>();
    captions.push_back(has(row) ? Fitted(here, i, row) : "");
  }
  return captions;
}

}  // namespace lingula
