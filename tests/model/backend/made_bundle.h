// Whole bundles with made-up weights, for tests of loading and running.
#pragma once

#include <string>
#include <vector>

#include "lingula/bundle/v1/manifest.pb.h"
#include "lingula/train/v1/recipe.pb.h"
#include "model/engine/engine.h"

namespace lingula::test {

// The network of SmallManifest at 64 pixels with rows and columns swapped: runs in milliseconds.
bundle::v1::Manifest TinyManifest();

// Three quick epochs for a network of family sgseg.
train::v1::Recipe TinyRecipe(const bundle::v1::Manifest& manifest);

// The network of this project's compact recipe.
bundle::v1::Manifest CompactManifest();

// Fills the network by formula and exports it. Returns the bundle's folder.
std::string MakeBundle(const std::string& repository, const bundle::v1::Manifest& manifest);

// `count` different normalised images for that network.
std::vector<Sample> MakeSamples(const bundle::v1::Manifest& manifest, int count);

}  // namespace lingula::test
