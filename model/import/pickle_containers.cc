// Opcodes of the stack, the memo and the containers.
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/import/pickle_machine.h"

namespace lingula {

absl::StatusOr<PickleValue*> PickleMachine::Top() const {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) {
    return absl::InvalidArgumentError("takes a value that is not there: not a pickle, or damaged");
  }
  return stack_.back();
}

absl::StatusOr<PickleValue*> PickleMachine::Take() {
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const value, Top());
  stack_.pop_back();
  return value;
}

absl::StatusOr<PickleMachine::Items> PickleMachine::TakeToMark() {
  if (marks_.empty()) {
    return absl::InvalidArgumentError("needs a mark, and there is none");
  }
  Items items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return items;
}

absl::Status PickleMachine::EmptyContainer(unsigned char opcode) {
  Push(arena_.New(opcode == ']'   ? Kind::kList
                  : opcode == '}' ? Kind::kDict
                  : opcode == ')' ? Kind::kTuple
                                  : Kind::kSet));
  return absl::OkStatus();
}

absl::Status PickleMachine::Mark(unsigned char) {
  marks_.push_back(stack_.size());
  return absl::OkStatus();
}

absl::Status PickleMachine::FromMark(unsigned char opcode) {
  LINGULA_ASSIGN_OR_RETURN(Items items, TakeToMark());
  if (opcode == 'd' && items.size() % 2 != 0) {
    return absl::InvalidArgumentError("a dictionary with a key that has no value");
  }
  PickleValue* value = arena_.New(opcode == 'l'   ? Kind::kList
                                  : opcode == 'd' ? Kind::kDict
                                  : opcode == 't' ? Kind::kTuple
                                                  : Kind::kSet);
  value->items = std::move(items);
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::ShortTuple(unsigned char opcode) {
  PickleValue* value = arena_.New(Kind::kTuple);
  value->items.resize(opcode - 0x84);
  for (size_t i = value->items.size(); i-- > 0;) {
    LINGULA_ASSIGN_OR_RETURN(value->items[i], Take());
  }
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::Append(unsigned char opcode) {
  Items items;
  if (opcode == 'a') {
    LINGULA_ASSIGN_OR_RETURN(PickleValue* const item, Take());
    items.push_back(item);
  } else {
    LINGULA_ASSIGN_OR_RETURN(items, TakeToMark());
  }
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const target, Top());
  if (target->kind == (opcode == 0x90 ? Kind::kSet : Kind::kList)) {
    target->items.insert(target->items.end(), items.begin(), items.end());
  } else if (target->kind != Kind::kOpaque) {
    return absl::InvalidArgumentError("adds items to something that takes none");
  }
  return absl::OkStatus();
}

absl::Status PickleMachine::SetItem(unsigned char opcode) {
  Items items;
  if (opcode == 's') {
    items.resize(2);
    LINGULA_ASSIGN_OR_RETURN(items[1], Take());
    LINGULA_ASSIGN_OR_RETURN(items[0], Take());
  } else {
    LINGULA_ASSIGN_OR_RETURN(items, TakeToMark());
  }
  if (items.size() % 2 != 0) {
    return absl::InvalidArgumentError("a dictionary with a key that has no value");
  }
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const target, Top());
  if (target->kind == Kind::kDict) {
    target->items.insert(target->items.end(), items.begin(), items.end());
  } else if (target->kind != Kind::kOpaque) {
    return absl::InvalidArgumentError("sets items of something that is no dictionary");
  }
  return absl::OkStatus();
}

absl::Status PickleMachine::Pop(unsigned char) {
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
    return absl::OkStatus();
  }
  return Take().status();
}

absl::Status PickleMachine::PopMark(unsigned char) {
  return TakeToMark().status();
}

absl::Status PickleMachine::Duplicate(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const value, Top());
  Push(value);
  return absl::OkStatus();
}

namespace {

absl::StatusOr<uint64_t> MemoIndex(unsigned char opcode, PickleInput& input) {
  if (opcode != 'p' && opcode != 'g') {
    return input.Number(opcode == 'q' || opcode == 'h' ? 1 : 4);
  }
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view line, input.Line());
  uint32_t index = 0;
  if (!absl::SimpleAtoi(line, &index)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", Quoted(line), "\" is no memo's number"));
  }
  return index;
}

}  // namespace

absl::Status PickleMachine::Put(unsigned char opcode) {
  LINGULA_ASSIGN_OR_RETURN(const uint64_t index, MemoIndex(opcode, input_));
  LINGULA_ASSIGN_OR_RETURN(memo_[index], Top());
  return absl::OkStatus();
}

absl::Status PickleMachine::Get(unsigned char opcode) {
  LINGULA_ASSIGN_OR_RETURN(const uint64_t index, MemoIndex(opcode, input_));
  const auto found = memo_.find(index);
  if (found == memo_.end()) {
    return absl::InvalidArgumentError(absl::StrCat("memo ", index, " was never filled"));
  }
  Push(found->second);
  return absl::OkStatus();
}

absl::Status PickleMachine::Memoize(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const value, Top());
  memo_[memo_.size()] = value;
  return absl::OkStatus();
}

}  // namespace lingula
