#include "model/import/pickle.h"

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/import/pickle_machine.h"

namespace lingula {
namespace {

constexpr uint64_t kNewestProtocol = 5;
constexpr size_t kQuotedBytes = 120;

}  // namespace

const PickleMachine::Opcode PickleMachine::kOpcodes[] = {
    {0x80, "PROTO", &PickleMachine::Protocol},
    {0x95, "FRAME", &PickleMachine::Frame},
    {'.', "STOP", &PickleMachine::Stop},
    {'N', "NONE", &PickleMachine::Constant},
    {0x88, "NEWTRUE", &PickleMachine::Constant},
    {0x89, "NEWFALSE", &PickleMachine::Constant},
    {'I', "INT", &PickleMachine::TextInt},
    {'J', "BININT", &PickleMachine::BinaryInt},
    {'K', "BININT1", &PickleMachine::BinaryInt},
    {'M', "BININT2", &PickleMachine::BinaryInt},
    {'L', "LONG", &PickleMachine::TextLong},
    {0x8a, "LONG1", &PickleMachine::BinaryLong},
    {0x8b, "LONG4", &PickleMachine::BinaryLong},
    {'F', "FLOAT", &PickleMachine::TextFloat},
    {'G', "BINFLOAT", &PickleMachine::BinaryFloat},
    {'S', "STRING", &PickleMachine::QuotedString},
    {'T', "BINSTRING", &PickleMachine::CountedString},
    {'U', "SHORT_BINSTRING", &PickleMachine::CountedString},
    {'V', "UNICODE", &PickleMachine::EscapedUnicode},
    {'X', "BINUNICODE", &PickleMachine::CountedString},
    {0x8c, "SHORT_BINUNICODE", &PickleMachine::CountedString},
    {0x8d, "BINUNICODE8", &PickleMachine::CountedString},
    {'B', "BINBYTES", &PickleMachine::CountedBytes},
    {'C', "SHORT_BINBYTES", &PickleMachine::CountedBytes},
    {0x8e, "BINBYTES8", &PickleMachine::CountedBytes},
    {0x96, "BYTEARRAY8", &PickleMachine::CountedBytes},
    {']', "EMPTY_LIST", &PickleMachine::EmptyContainer},
    {'}', "EMPTY_DICT", &PickleMachine::EmptyContainer},
    {')', "EMPTY_TUPLE", &PickleMachine::EmptyContainer},
    {0x8f, "EMPTY_SET", &PickleMachine::EmptyContainer},
    {'(', "MARK", &PickleMachine::Mark},
    {'l', "LIST", &PickleMachine::FromMark},
    {'d', "DICT", &PickleMachine::FromMark},
    {'t', "TUPLE", &PickleMachine::FromMark},
    {0x91, "FROZENSET", &PickleMachine::FromMark},
    {0x85, "TUPLE1", &PickleMachine::ShortTuple},
    {0x86, "TUPLE2", &PickleMachine::ShortTuple},
    {0x87, "TUPLE3", &PickleMachine::ShortTuple},
    {'a', "APPEND", &PickleMachine::Append},
    {'e', "APPENDS", &PickleMachine::Append},
    {0x90, "ADDITEMS", &PickleMachine::Append},
    {'s', "SETITEM", &PickleMachine::SetItem},
    {'u', "SETITEMS", &PickleMachine::SetItem},
    {'0', "POP", &PickleMachine::Pop},
    {'1', "POP_MARK", &PickleMachine::PopMark},
    {'2', "DUP", &PickleMachine::Duplicate},
    {'p', "PUT", &PickleMachine::Put},
    {'q', "BINPUT", &PickleMachine::Put},
    {'r', "LONG_BINPUT", &PickleMachine::Put},
    {'g', "GET", &PickleMachine::Get},
    {'h', "BINGET", &PickleMachine::Get},
    {'j', "LONG_BINGET", &PickleMachine::Get},
    {0x94, "MEMOIZE", &PickleMachine::Memoize},
    {'c', "GLOBAL", &PickleMachine::Global},
    {0x93, "STACK_GLOBAL", &PickleMachine::StackGlobal},
    {'R', "REDUCE", &PickleMachine::Reduce},
    {'i', "INST", &PickleMachine::Inst},
    {'o', "OBJ", &PickleMachine::Obj},
    {0x81, "NEWOBJ", &PickleMachine::NewObject},
    {0x92, "NEWOBJ_EX", &PickleMachine::NewObject},
    {'b', "BUILD", &PickleMachine::Build},
    {'Q', "BINPERSID", &PickleMachine::PersistentId},
    {'P', "PERSID", &PickleMachine::Refuse},
    {0x82, "EXT1", &PickleMachine::Refuse},
    {0x83, "EXT2", &PickleMachine::Refuse},
    {0x84, "EXT4", &PickleMachine::Refuse},
    {0x97, "NEXT_BUFFER", &PickleMachine::Refuse},
    {0x98, "READONLY_BUFFER", &PickleMachine::Refuse},
};

const PickleMachine::Opcode* const* PickleMachine::Table() {
  static const std::array<const Opcode*, 256> table = [] {
    std::array<const Opcode*, 256> by_code{};
    for (const Opcode& opcode : kOpcodes) {
      by_code[opcode.code] = &opcode;
    }
    return by_code;
  }();
  return table.data();
}

absl::Status PickleMachine::Step() {
  const size_t at = input_.position();
  LINGULA_ASSIGN_OR_RETURN(const uint64_t code, input_.Number(1));
  const Opcode* opcode = Table()[code];
  if (opcode == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("byte ", at, ": 0x", absl::Hex(code, absl::kZeroPad2),
                     " is no pickle opcode: not a pickle, or damaged"));
  }
  if (--budget_.steps < 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("byte ", at, ": more steps than any checkpoint needs; refused"));
  }
  const absl::Status status = (this->*opcode->run)(opcode->code);
  return status.ok() ? status
                     : absl::Status(status.code(), absl::StrCat("byte ", at, " (", opcode->name,
                                                                "): ", status.message()));
}

absl::StatusOr<ParsedPickle> PickleMachine::Run() {
  while (!stopped_) {
    LINGULA_RETURN_IF_ERROR(Step());
  }
  return ParsedPickle{stack_.back(), input_.position()};
}

absl::Status PickleMachine::Protocol(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const uint64_t version, input_.Number(1));
  if (version > kNewestProtocol) {
    return absl::InvalidArgumentError(
        absl::StrCat("protocol ", version, "; 0 to ", kNewestProtocol, " are read"));
  }
  return absl::OkStatus();
}

absl::Status PickleMachine::Frame(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const uint64_t length, input_.Number(8));
  if (length > input_.left()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a frame of ", length, " bytes where ", input_.left(), " are left: the file is truncated"));
  }
  return absl::OkStatus();
}

absl::Status PickleMachine::Stop(unsigned char) {
  if (stack_.size() != 1 || !marks_.empty()) {
    return absl::InvalidArgumentError("the pickle ends with other than one value");
  }
  stopped_ = true;
  return absl::OkStatus();
}

absl::Status PickleMachine::Refuse(unsigned char) {
  return absl::InvalidArgumentError(
      "refers to something outside the file, which no checkpoint of torch.save does; refused");
}

absl::Status PickleMachine::Charge(size_t bytes) {
  budget_.bytes -= static_cast<int64_t>(bytes);
  return budget_.bytes >= 0
             ? absl::OkStatus()
             : absl::ResourceExhaustedError("decodes to far more bytes than the file has; refused");
}

PickleBudget BudgetFor(size_t input_bytes) {
  PickleBudget budget;
  budget.bytes = static_cast<int64_t>(4 * input_bytes + (64 << 10));
  return budget;
}

absl::StatusOr<ParsedPickle> ParsePickle(absl::string_view input, const PickleHooks& hooks,
                                         PickleArena& arena, PickleBudget& budget) {
  return PickleMachine(input, hooks, arena, budget).Run();
}

std::string Quoted(absl::string_view name) {
  return absl::StrCat(absl::CHexEscape(name.substr(0, kQuotedBytes)),
                      name.size() > kQuotedBytes ? "..." : "");
}

const PickleValue* PickleValue::Find(absl::string_view key) const {
  for (size_t i = kind == Kind::kDict ? items.size() : 0; i >= 2; i -= 2) {
    if (items[i - 2]->kind == Kind::kString && items[i - 2]->text == key) {
      return items[i - 1];
    }
  }
  return nullptr;
}

}  // namespace lingula
