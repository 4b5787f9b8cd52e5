// Between samples and predictions, and the rows that devices read and write.
#pragma once

#include "model/device/row_layout.h"
#include "model/engine/engine.h"

namespace lingula {

// Writes `sample` to `row` [layout.row_in()]. Its free text, if any, is in slot `slot`.
void WriteSample(const RowLayout& layout, const Sample& sample, int slot, float* row);

// What `row` [layout.row_out()] says about `sample`.
Prediction ReadPrediction(const RowLayout& layout, const Sample& sample, const float* row);

}  // namespace lingula
