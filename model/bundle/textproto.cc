#include "model/bundle/textproto.h"

#include <algorithm>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "model/bundle/printable.h"

namespace lingula {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

// Deep nesting has no use in a hand-written file and would cost stack.
constexpr int kMaxNesting = 32;
// A file that is no text of this kind at all has a mistake in each line.
constexpr size_t kMaxShown = 40;
constexpr size_t kMaxProblemBytes = 240;

// One step of a path: "files[2]" is {"files", 2}, "batching" is {"batching", -1}.
struct Step {
  std::string name;
  int index = -1;
};

Step StepFrom(absl::string_view text) {
  Step step;
  const size_t bracket = text.find('[');
  step.name = std::string(text.substr(0, bracket));
  if (bracket != absl::string_view::npos && text.back() == ']') {
    const absl::string_view digits = text.substr(bracket + 1, text.size() - bracket - 2);
    if (!absl::SimpleAtoi(digits, &step.index)) {
      step.index = -1;
    }
  }
  return step;
}

}  // namespace

struct Textproto::Places {
  TextFormat::ParseInfoTree tree;
};

// Keeps the parser's complaints; its lines and columns start at 0.
class Textproto::Collector : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(std::vector<Entry>& entries) : entries_(entries) {}
  void AddError(int line, int column, const std::string& message) override {
    entries_.push_back({std::max(line, 0) + 1, std::max(column, 0) + 1, message});
  }
  // The only warnings are unknown fields, which the parser can step over.
  void AddWarning(int line, int column, const std::string& message) override {
    AddError(line, column, message);
  }

 private:
  std::vector<Entry>& entries_;
};

Textproto::Textproto(absl::string_view text, absl::string_view file,
                     google::protobuf::Message& into)
    : file_(file), into_(into), places_(std::make_unique<Places>()) {
  Collector collector(entries_);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&places_->tree);
  parser.SetRecursionLimit(kMaxNesting);
  parser.AllowUnknownField(true);
  parsed_ = parser.ParseFromString(std::string(text), &into_);
}

Textproto::~Textproto() = default;

Textproto::Place Textproto::Find(absl::string_view field_path) const {
  const google::protobuf::Descriptor* type = into_.GetDescriptor();
  const TextFormat::ParseInfoTree* tree = &places_->tree;
  Place place;
  for (const absl::string_view part : absl::StrSplit(field_path, '.')) {
    const Step step = StepFrom(part);
    const FieldDescriptor* field = type && tree ? type->FindFieldByName(step.name) : nullptr;
    place.found = false;
    if (field == nullptr) {
      return place;
    }
    // The parser records one place for a whole "[a, b, c]" list: fall back to what comes before.
    int index = field->is_repeated() ? std::max(step.index, 0) : -1;
    TextFormat::ParseLocation at = tree->GetLocation(field, index);
    while (at.line < 0 && index > 0) {
      at = tree->GetLocation(field, --index);
    }
    if (at.line < 0) {
      return place;
    }
    place = {at.line + 1, at.column + 1, true};
    type = field->message_type();
    tree = type == nullptr
               ? nullptr
               : tree->GetTreeForNested(field, field->is_repeated() ? std::max(step.index, 0) : -1);
  }
  return place;
}

std::string Textproto::Whole(absl::string_view field_path) const {
  return within_.empty() ? std::string(field_path) : absl::StrCat(within_, ".", field_path);
}

bool Textproto::Has(absl::string_view field_path) const {
  return Find(Whole(field_path)).found;
}

void Textproto::Problem(absl::string_view field_path, absl::string_view what) {
  const std::string path = Whole(field_path);
  const Place place = Find(path);
  entries_.push_back({place.line, place.column, absl::StrCat(path, ": ", what)});
}

void Textproto::CheckRange(absl::string_view field_path, int64_t value, int64_t lowest,
                           int64_t highest) {
  if (value < lowest || value > highest) {
    Problem(field_path, absl::StrCat("must be in [", lowest, ", ", highest, "], got ", value));
  }
}

absl::Status Textproto::status() const {
  if (entries_.empty() && parsed_) {
    return absl::OkStatus();
  }
  std::vector<Entry> sorted = entries_;
  if (sorted.empty()) {
    sorted.push_back({1, 1, "the text is not well-formed"});
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
    return std::make_pair(a.line, a.column) < std::make_pair(b.line, b.column);
  });
  const size_t shown = std::min(sorted.size(), kMaxShown);
  std::string lines =
      absl::StrJoin(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(shown), "\n",
                    [this](std::string* out, const Entry& entry) {
                      absl::StrAppend(out, file_, ":", entry.line, ":", entry.column, ": ",
                                      Printable(entry.what, kMaxProblemBytes));
                    });
  if (shown < sorted.size()) {
    absl::StrAppend(&lines, "\n", file_, ": and ", sorted.size() - shown, " more mistakes");
  }
  return absl::InvalidArgumentError(lines);
}

}  // namespace lingula
