// The parts of a calibration that are not about Dice: presence, and where mask and guidance
// disagree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "model/tools/calibrate.h"
#include "model/tools/examine.h"

namespace lingula {

// Fills calibration.presence from images whose reference masks tell whether anything is there;
// `data` names them. Errors   those of FitPresence; INVALID_ARGUMENT naming an image without a
// reference mask.
absl::Status FitPresenceOn(const std::vector<Examined>& images, const std::string& data,
                           uint64_t seed, bundle::v1::Calibration& calibration);

// Masks with less Dice than this are bad.
inline constexpr double kBadDice = 0.5;

// Fills calibration.conflict where places tell bad masks from good ones: the limit is the one below
// which 2 % of the good masks of the half fitted on lie. Left out where guidance names no zones,
// where either half has fewer than 10 bad masks, or where bad ones are not flagged at least twice
// as often on the half fitted on.
void FitConflict(const Halves& halves, bundle::v1::Calibration& calibration);

}  // namespace lingula
