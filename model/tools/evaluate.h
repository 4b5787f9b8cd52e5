// Runs a bundle over a labelled data set through the same path that the server uses.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"
#include "model/engine/engine.h"
#include "model/eval/scores.h"
#include "model/train/data_manifest.h"

namespace lingula {

// One entry a row, in order. kReport takes each row's own zones as the caller's report. A mask of
// another size than its image decides the size compared at.
// Errors   INVALID_ARGUMENT naming the row's file that cannot be read, or that lacks zones.
absl::StatusOr<std::vector<ImageScore>> Evaluate(Engine& engine,
                                                 const bundle::v1::Manifest& manifest,
                                                 const std::vector<DataRow>& rows,
                                                 GuidanceMode guidance,
                                                 const std::function<void(int64_t)>& progress);

// Dice between the masks that two engines of one bundle make, pooled over all rows; nothing but the
// images is read. Masks are compared at the network's size.
absl::StatusOr<double> MaskAgreement(Engine& one, Engine& other,
                                     const bundle::v1::Manifest& manifest,
                                     const std::vector<DataRow>& rows,
                                     const std::function<void(int64_t)>& progress);

// Words for arithmetics on command lines.
const std::map<std::string, bundle::v1::Arithmetic>& ArithmeticNames();

// Measures low precision against float32 on the images of `rows`, as far as this processor can, and
// notes the Dice and what to serve by default in the manifest and card of the bundle in `folder`:
// all in low precision if masks stay the same, else all but the encoder.
// Errors   FAILED_PRECONDITION when `wanted` was not measured or is below kLowestDice: the bundle
// then
//          keeps float32 as its default.
absl::Status MeasurePrecision(const std::string& folder, const std::vector<DataRow>& rows,
                              bundle::v1::Arithmetic wanted);

}  // namespace lingula
