// Which tensor of a checkpoint goes to which of a network: by name, strictly, except for what the
// published code saves and never uses (the lists in checkpoint_map.cc).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "model/import/torch_file.h"

namespace lingula {

using ShapeMap = std::map<std::string, StoredShape>;

// The network's own names carry no prefix; checkpoints say "model." before each of them, and a
// state dict of the inner module is understood without.
struct KeyPlan {
  std::map<std::string, std::string> wanted;  // network's name -> checkpoint's key
  std::vector<std::string> ignored;    // checkpoint's keys, sorted; `positions` are among them
  std::vector<std::string> positions;  // those of stored position codes: CheckPositions()
};

// `network`: every parameter and buffer of the network. Its position codes and position_ids are
// computed by it and never wanted, but a stored code must have the shape of the network's.
// `text_tower`: whether the caller also imports the text tower of an SGSeg or LanGuideMedSeg
// network; without, text_encoder.* may be left over.
// A floating-point tensor may have another floating-point type than the network's: convert it.
// Errors   INVALID_ARGUMENT naming every tensor that is missing, unknown, or of another shape or
//          kind of number; also for a family that checkpoints do not come in.
absl::StatusOr<KeyPlan> PlanKeys(bundle::v1::Family family, const ShapeMap& checkpoint,
                                 const ShapeMap& network, bool text_tower);

// Recomputes the stored position codes `keys` (KeyPlan::positions), [1, N, C] sines and cosines,
// and compares: another code means another network.
// Errors   INVALID_ARGUMENT naming the key and the largest difference; those of Checkpoint::Load().
absl::Status CheckPositions(const Checkpoint& checkpoint, const std::vector<std::string>& keys);

}  // namespace lingula
