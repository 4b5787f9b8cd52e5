// CARD.md of a bundle: what a user has to know before relying on it.
#pragma once

#include <cstdint>
#include <string>

#include "lingula/bundle/v1/manifest.pb.h"

namespace lingula {

// Markdown. States family, size, input and sides assumed, scores, precision, provenance, licence
// and what the network is not for, all from the manifest.
std::string MakeCard(const bundle::v1::Manifest& manifest, int64_t parameters);

}  // namespace lingula
