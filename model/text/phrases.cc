#include "model/text/phrases.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

constexpr const Phrases* kTables[] = {&kEnglish};

}  // namespace

const Phrases* PhrasesFor(absl::string_view tag) {
  if (tag.empty()) {
    return &kEnglish;
  }
  // From the whole tag to its first part.
  for (;;) {
    for (const Phrases* table : kTables) {
      if (absl::EqualsIgnoreCase(table->tag, tag)) {
        return table;
      }
    }
    const size_t end = tag.rfind('-');
    if (end == absl::string_view::npos) {
      return nullptr;
    }
    tag = tag.substr(0, end);
  }
}

std::string KnownLocales() {
  std::string tags;
  for (const Phrases* table : kTables) {
    absl::StrAppend(&tags, tags.empty() ? "" : ", ", table->tag);
  }
  return tags;
}

}  // namespace lingula
