// A manifest's sizes to a network's options. Manifests have been checked by ParseManifest.
#pragma once

#include "lingula/bundle/v1/manifest.pb.h"
#include "model/nets/bert.h"
#include "model/nets/prolearn/prolearn.h"
#include "model/nets/sgseg/sgseg.h"

namespace lingula {

// Families sgseg and languide.
SgsegOptions SgsegOptionsFrom(const bundle::v1::Manifest& manifest);
// Family prolearn.
ProlearnOptions ProlearnOptionsFrom(const bundle::v1::Manifest& manifest);
BertOptions BertOptionsFrom(const bundle::v1::BertSpec& spec);

}  // namespace lingula
