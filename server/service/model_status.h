// What state each version is in.
#pragma once

#include <string>

#include "lingula/v1/admin.pb.h"
#include "server/service/model_table.h"

namespace lingula {

// One loaded version.
v1::ModelStatus StatusOf(const LoadedModel& model, const ModelRoutes& routes);

// All versions of `name`, or of all names when it is empty, by name and version; and the defaults.
v1::GetStatusResponse StatusOfAll(const ModelTable& models, const std::string& name);

// "serving": the words of lingula_model_state.
const char* StateName(v1::ModelState state);

}  // namespace lingula
