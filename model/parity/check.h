// The table of checks. To add one: a function in check_*.cc, a declaration and a line of the table
// here and in check.cc.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/parity/file_check.h"

namespace lingula::parity {

// Runs our code for one file. An error means that the file could not be checked to its end.
// Gradients are off: a check that needs them opens its own torch::AutoGradMode.
using CheckFunction = absl::Status (*)(FileCheck& check);

struct Check {
  // Name of the file, or its beginning with a "*" for what follows.
  std::string file;
  CheckFunction run = nullptr;
  // Files of a group come together: where one is, all must be. Empty: tolerances.json names it.
  std::string group = "";
  // A file that belongs to this one and is read by the same check; must be there if this one is.
  std::string companion = "";
};

const std::vector<Check>& Checks();

// check_pieces.cc: encoder, text tower, guide layers, up-sampling, alone
absl::Status CheckConvNext(FileCheck& check);
absl::Status CheckCxrBert(FileCheck& check);
absl::Status CheckGuideA(FileCheck& check);
absl::Status CheckUpBlock(FileCheck& check);
// check_text.cc: tokens and the closed language of reports
absl::Status CheckTokenizer(FileCheck& check);
absl::Status CheckCaptions(FileCheck& check);
absl::Status CheckTextTable(FileCheck& check);
// check_image.cc
absl::Status CheckInputs(FileCheck& check);
absl::Status CheckPreprocess(FileCheck& check);
// check_keys.cc: the formula itself, and the names of the state dicts
absl::Status CheckFillVectors(FileCheck& check);
absl::Status CheckSgsegKeys(FileCheck& check);
absl::Status CheckLanguideKeys(FileCheck& check);
absl::Status CheckProlearnKeys(FileCheck& check);
// check_rtdetr.cc
absl::Status CheckRtDetr(FileCheck& check);
// check_sgseg.cc: from image to mask
absl::Status CheckSgseg(FileCheck& check);
absl::Status CheckLanguide(FileCheck& check);
// check_prolearn.cc: pieces, BiomedCLIP's towers, from image to mask
absl::Status CheckGuideB(FileCheck& check);
absl::Status CheckApprox(FileCheck& check);
absl::Status CheckQuery(FileCheck& check);
absl::Status CheckBiomedClipVision(FileCheck& check);
absl::Status CheckBiomedClipText(FileCheck& check);
absl::Status CheckProlearn(FileCheck& check);
// check_learning_*.cc: clustering, losses, scores, a training step
absl::Status CheckKMeans(FileCheck& check);
absl::Status CheckHdbscan(FileCheck& check);
absl::Status CheckPrototypeFit(FileCheck& check);
absl::Status CheckLossesMonai101(FileCheck& check);
absl::Status CheckLossesMonai150(FileCheck& check);
absl::Status CheckMetrics(FileCheck& check);
absl::Status CheckTrainStep(FileCheck& check);

}  // namespace lingula::parity
