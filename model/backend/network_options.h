// A manifest's sizes to a network's options. Manifests have been checked by ParseManifest.
#pragma once

#include <string>

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

// Where `type` is used: everywhere, or the encoder stays in float32.
FoldTypes FoldTypesFor(const bundle::v1::Manifest& manifest, torch::ScalarType type);
// The same in words: "bfloat16, encoder float32".
std::string FoldTypesText(const bundle::v1::Manifest& manifest, torch::ScalarType type);

}  // namespace lingula
