// The stack machine behind ParsePickle(); its opcodes are spread over pickle_*.cc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/import/pickle.h"
#include "model/import/pickle_input.h"

namespace lingula {

class PickleMachine {
 public:
  PickleMachine(absl::string_view input, const PickleHooks& hooks, PickleArena& arena,
                PickleBudget& budget)
      : input_(input), hooks_(hooks), arena_(arena), budget_(budget) {}

  absl::StatusOr<ParsedPickle> Run();

 private:
  using Kind = PickleValue::Kind;
  using Items = std::vector<const PickleValue*>;
  using Handler = absl::Status (PickleMachine::*)(unsigned char opcode);
  struct Opcode {
    unsigned char code;
    const char* name;
    Handler run;
  };
  static const Opcode kOpcodes[];
  static const Opcode* const* Table();

  absl::Status Step();

  // pickle.cc: control
  absl::Status Protocol(unsigned char);
  absl::Status Frame(unsigned char);
  absl::Status Stop(unsigned char);
  absl::Status Refuse(unsigned char opcode);

  // pickle_scalars.cc
  absl::Status Constant(unsigned char opcode);
  absl::Status TextInt(unsigned char);
  absl::Status BinaryInt(unsigned char opcode);
  absl::Status TextLong(unsigned char);
  absl::Status BinaryLong(unsigned char opcode);
  absl::Status TextFloat(unsigned char);
  absl::Status BinaryFloat(unsigned char);
  absl::Status QuotedString(unsigned char);
  absl::Status EscapedUnicode(unsigned char);
  absl::Status CountedString(unsigned char opcode);
  absl::Status CountedBytes(unsigned char opcode);

  // pickle_containers.cc
  absl::Status EmptyContainer(unsigned char opcode);
  absl::Status Mark(unsigned char);
  absl::Status FromMark(unsigned char opcode);
  absl::Status ShortTuple(unsigned char opcode);
  absl::Status Append(unsigned char opcode);
  absl::Status SetItem(unsigned char opcode);
  absl::Status Pop(unsigned char);
  absl::Status PopMark(unsigned char);
  absl::Status Duplicate(unsigned char);
  absl::Status Put(unsigned char opcode);
  absl::Status Get(unsigned char opcode);
  absl::Status Memoize(unsigned char);

  // pickle_calls.cc
  absl::Status Global(unsigned char);
  absl::Status StackGlobal(unsigned char);
  absl::Status Reduce(unsigned char);
  absl::Status Inst(unsigned char);
  absl::Status Obj(unsigned char);
  absl::Status NewObject(unsigned char opcode);
  absl::Status Build(unsigned char);
  absl::Status PersistentId(unsigned char);
  absl::Status Call(const PickleValue& callable, const Items& args);
  absl::StatusOr<PickleValue*> CallPlain(absl::string_view name, const Items& args);
  absl::StatusOr<PickleValue*> Collect(Kind kind, const Items& args);
  absl::StatusOr<PickleValue*> EncodeLatin1(const Items& args);
  absl::StatusOr<PickleValue*> NewGlobal(absl::string_view module, absl::string_view name);
  PickleValue* Instance(const PickleValue& type);

  // The stack. Values above the topmost mark belong to it; nothing below can be taken.
  void Push(PickleValue* value) { stack_.push_back(value); }
  absl::StatusOr<PickleValue*> Take();
  absl::StatusOr<PickleValue*> Top() const;
  absl::StatusOr<Items> TakeToMark();
  // Memory for bytes that are decoded; RESOURCE_EXHAUSTED when the file wants too many.
  absl::Status Charge(size_t bytes);

  PickleInput input_;
  const PickleHooks& hooks_;
  PickleArena& arena_;
  PickleBudget& budget_;
  std::vector<PickleValue*> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::map<uint64_t, PickleValue*> memo_;
  bool stopped_ = false;
};

}  // namespace lingula
