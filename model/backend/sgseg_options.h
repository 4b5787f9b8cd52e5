// A manifest's sizes to a network's options.
#pragma once

#include "lingula/bundle/v1/manifest.pb.h"
#include "model/nets/sgseg.h"

namespace lingula {

// `manifest` has been checked by ParseManifest and is of family sgseg.
SgsegOptions SgsegOptionsFrom(const bundle::v1::Manifest& manifest);

}  // namespace lingula
