// What DICOM results say of an answer, beside its mask.
#pragma once

#include "model/dicom/dicom_results.h"
#include "server/service/segment_job.h"
#include "server/service/segment_result.h"

namespace lingula {

// A chest model marks lung opacities, an endoscopy model polyps.
DicomTarget TargetOf(const LoadedModel& model);

// The model, and all of `job` that has an influence on the mask. A caller's own words are in it as
// a digest only: they may be about a patient.
DicomAlgorithm AlgorithmOf(const SegmentJob& job);

// `result` has its mask judged, and its location found.
DicomMeasurements MeasurementsOf(const SegmentResult& result);

}  // namespace lingula
