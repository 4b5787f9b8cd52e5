// What flags mean, for people.
#pragma once

#include <string>

#include "lingula/v1/quality.pb.h"

namespace lingula::cli {

// FLAG_LOSSY_INPUT as people read it: "LOSSY_INPUT". A flag newer than this program: "FLAG 99".
std::string FlagName(v1::Flag flag);
// One sentence.
const char* FlagMeaning(v1::Flag flag);

}  // namespace lingula::cli
