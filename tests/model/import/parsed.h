// A pickle parsed for a test, and its value as text.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/import/pickle.h"

namespace lingula::test {

// The value in Python's notation, at most `depth` levels of it; sides of cycles end in "...".
inline std::string Repr(const PickleValue& value, int depth = 8) {
  using Kind = PickleValue::Kind;
  const auto items = [&value, depth](const char* open, const char* close) {
    std::string out = open;
    for (size_t i = 0; i < value.items.size(); ++i) {
      const bool after_key = value.kind == Kind::kDict && i % 2 == 1;
      absl::StrAppend(&out,
                      i == 0      ? ""
                      : after_key ? ": "
                                  : ", ",
                      Repr(*value.items[i], depth - 1));
    }
    return out + close;
  };
  if (depth == 0) {
    return "...";
  }
  switch (value.kind) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return value.whole != 0 ? "True" : "False";
    case Kind::kInt:
      return absl::StrCat(value.whole);
    case Kind::kBigInt:
      return "big";
    case Kind::kFloat:
      return absl::StrCat(value.real, "f");
    case Kind::kString:
      return absl::StrCat("'", absl::CHexEscape(value.text), "'");
    case Kind::kBytes:
      return absl::StrCat("b'", absl::CHexEscape(value.text), "'");
    case Kind::kList:
      return items("[", "]");
    case Kind::kTuple:
      return items("(", ")");
    case Kind::kDict:
      return items("{", "}");
    case Kind::kSet:
      return items("set(", ")");
    case Kind::kGlobal:
      return absl::StrCat("<", absl::CHexEscape(value.text), ">");
    case Kind::kOpaque:
      return absl::StrCat("opaque ", value.text);
    default:
      return "torch";
  }
}

// Knows no function but test.say, which gives its argument back; persistent ids become themselves.
class Parsed {
 public:
  explicit Parsed(std::string input, int64_t steps = 1000000) : input_(std::move(input)) {
    PickleHooks hooks;
    hooks.call = [](absl::string_view name, const auto& args) -> absl::StatusOr<PickleValue*> {
      return name == "test.say" && !args.empty() ? const_cast<PickleValue*>(args[0]) : nullptr;
    };
    hooks.persistent = [](const PickleValue& id) -> absl::StatusOr<PickleValue*> {
      return const_cast<PickleValue*>(&id);
    };
    PickleBudget budget = BudgetFor(input_.size());
    budget.steps = steps;
    result_ = ParsePickle(input_, hooks, *arena_, budget);
  }

  const absl::Status& status() const { return result_.status(); }
  const PickleValue& value() const { return *result_->value; }
  size_t bytes() const { return result_->bytes; }
  // The value, or the status.
  std::string text() const { return status().ok() ? Repr(value()) : status().ToString(); }

 private:
  std::string input_;
  std::unique_ptr<PickleArena> arena_ = std::make_unique<PickleArena>();
  absl::StatusOr<ParsedPickle> result_;
};

}  // namespace lingula::test
