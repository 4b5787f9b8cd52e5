// The part of a manifest that describes the network.
#pragma once

#include "lingula/bundle/v1/manifest.pb.h"
#include "model/bundle/textproto.h"

namespace lingula {

// Notes in `text` every size that is out of range, missing, or not of the manifest's family.
void CheckNetwork(Textproto& text, const bundle::v1::Manifest& manifest);

}  // namespace lingula
