// Checkpoints as PyTorch writes them, made without Python.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <torch/torch.h>

#include "model/parity/formula_fill.h"

namespace lingula::test {

using StateDict = std::map<std::string, torch::Tensor>;

// A zip archive as torch.save makes it: {"state_dict": tensors} with `lightning`, else the tensors
// themselves. float32 and int64 tensors.
void WritePythonCheckpoint(const std::string& path, const StateDict& tensors, bool lightning);

// The tensors of a key list (KEY<tab>DTYPE<tab>SHAPE a line), filled by formula. `keep` chooses.
StateDict FormulaState(const std::string& keys_file, const Formula& formula,
                       const std::function<bool(const std::string&)>& keep);

}  // namespace lingula::test
