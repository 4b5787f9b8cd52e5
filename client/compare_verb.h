// `lingula compare`: how well two masks agree. Needs no server.
#pragma once

#include <iosfwd>
#include <string>

namespace lingula::cli {

struct CompareOptions {
  std::string one, other;  // PNG files of the same size; a pixel is inside unless it is 0
  bool json = false;       // one object instead of lines
};

// Prints areas, Dice, Jaccard and HD95 (pixels, as MONAI defines it). A figure that two masks leave
// open is "n/a", in JSON null: there is no Dice of two empty masks. Returns an exit code
// (segment_options.h): kSomeFailed when a file is no mask or the sizes differ.
int Compare(const CompareOptions& options, std::ostream& out, std::ostream& err);

}  // namespace lingula::cli
