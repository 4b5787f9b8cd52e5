// The precompiled header of every target that uses Torch (cmake/Targets.cmake).
#pragma once

#include <torch/torch.h>  // IWYU pragma: export

// Torch's logging macros collide with names of other libraries.
#undef LOG
#undef CHECK
