// Opcodes that name classes and functions, instantiate and call them. Nothing is looked up outside
// this file and PickleHooks::call: a name is a text.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/base/status_macros.h"
#include "model/import/pickle_machine.h"

namespace lingula {
namespace {

// Longer than any dotted name of a class.
constexpr size_t kMaxNameBytes = 512;

// The whole list of what may be called, but for PickleHooks::call.
enum class Makes {
  kDict,
  kEmptyDict,
  kSet,
  kList,
  kTuple,
  kBytes,
  kInstance,
  kOpaque,  // something that we neither need nor evaluate: it will hold nothing
};
struct Allowed {
  const char* name;
  Makes makes;
};
constexpr Allowed kAllowed[] = {
    {"collections.OrderedDict", Makes::kDict},
    {"collections.defaultdict", Makes::kEmptyDict},  // its argument is a class
    {"builtins.dict", Makes::kDict},
    {"builtins.set", Makes::kSet},
    {"builtins.frozenset", Makes::kSet},
    {"builtins.list", Makes::kList},
    {"builtins.tuple", Makes::kTuple},
    {"builtins.bytes", Makes::kBytes},
    {"builtins.bytearray", Makes::kBytes},
    {"_codecs.encode", Makes::kBytes},
    {"copyreg._reconstructor", Makes::kInstance},
    {"copyreg.__newobj__", Makes::kInstance},
    {"copyreg.__newobj_ex__", Makes::kInstance},
    {"numpy.dtype", Makes::kOpaque},
    {"numpy.core.multiarray.scalar", Makes::kOpaque},
    {"numpy.core.multiarray._reconstruct", Makes::kOpaque},
    {"numpy._core.multiarray.scalar", Makes::kOpaque},
    {"numpy._core.multiarray._reconstruct", Makes::kOpaque},
    {"pathlib.Path", Makes::kOpaque},
    {"pathlib.PosixPath", Makes::kOpaque},
    {"pathlib.WindowsPath", Makes::kOpaque},
    {"pathlib.PurePosixPath", Makes::kOpaque},
    {"pathlib.PureWindowsPath", Makes::kOpaque},
};

// Null for a name that is not on the list. Python 2 called two of its modules otherwise.
const Allowed* FindAllowed(absl::string_view name) {
  std::string today(name);
  if (absl::ConsumePrefix(&name, "__builtin__.")) {
    today = absl::StrCat("builtins.", name);
  } else if (absl::ConsumePrefix(&name, "copy_reg.")) {
    today = absl::StrCat("copyreg.", name);
  }
  const auto* row =
      std::find_if(std::begin(kAllowed), std::end(kAllowed),
                   [&today](const Allowed& allowed) { return today == allowed.name; });
  return row == std::end(kAllowed) ? nullptr : row;
}

// A text of characters below 256, one byte each.
absl::StatusOr<std::string> Latin1(absl::string_view utf8) {
  std::string bytes;
  bytes.reserve(utf8.size());
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      bytes.push_back(utf8[i]);
      continue;
    }
    const bool pair = (lead == 0xC2 || lead == 0xC3) && i + 1 < utf8.size() &&
                      (static_cast<unsigned char>(utf8[i + 1]) & 0xC0) == 0x80;
    if (!pair) {
      return absl::InvalidArgumentError("bytes written as a text that is not Latin-1");
    }
    bytes.push_back(static_cast<char>((lead & 3) << 6 | (utf8[++i] & 0x3F)));
  }
  return bytes;
}

}  // namespace

absl::StatusOr<PickleValue*> PickleMachine::NewGlobal(absl::string_view module,
                                                      absl::string_view name) {
  if (module.size() > kMaxNameBytes || name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name of a class of more than ", kMaxNameBytes, " bytes"));
  }
  LINGULA_RETURN_IF_ERROR(Charge(module.size() + name.size()));
  return arena_.NewText(Kind::kGlobal, arena_.Keep(absl::StrCat(module, ".", name)));
}

absl::Status PickleMachine::Global(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view module, input_.Line());
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view name, input_.Line());
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const value, NewGlobal(module, name));
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::StackGlobal(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const name, Take());
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const module, Take());
  if (name->kind != Kind::kString || module->kind != Kind::kString) {
    return absl::InvalidArgumentError("the name of a class must be two texts");
  }
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const value, NewGlobal(module->text, name->text));
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::Reduce(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const args, Take());
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const callable, Take());
  if (args->kind != Kind::kTuple) {
    return absl::InvalidArgumentError("the arguments of a call must be a tuple");
  }
  return Call(*callable, args->items);
}

absl::Status PickleMachine::Inst(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view module, input_.Line());
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view name, input_.Line());
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const callable, NewGlobal(module, name));
  LINGULA_ASSIGN_OR_RETURN(const Items args, TakeToMark());
  return Call(*callable, args);
}

absl::Status PickleMachine::Obj(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(Items args, TakeToMark());
  if (args.empty()) {
    return absl::InvalidArgumentError("names no class");
  }
  const PickleValue* callable = args.front();
  args.erase(args.begin());
  return Call(*callable, args);
}

absl::Status PickleMachine::Call(const PickleValue& callable, const Items& args) {
  if (callable.kind != Kind::kGlobal && callable.kind != Kind::kOpaque) {
    return absl::InvalidArgumentError("calls something that has no name; refused");
  }
  PickleValue* value = nullptr;
  if (callable.kind == Kind::kGlobal) {
    LINGULA_ASSIGN_OR_RETURN(value, CallPlain(callable.text, args));
    if (value == nullptr) {
      LINGULA_ASSIGN_OR_RETURN(value, hooks_.call(callable.text, args));
    }
  }
  if (value == nullptr) {
    return absl::PermissionDeniedError(
        absl::StrCat("the file asks to call ", callable.kind == Kind::kOpaque ? "a " : "",
                     Quoted(callable.text), ": refused, nothing was executed"));
  }
  Push(value);
  return absl::OkStatus();
}

absl::StatusOr<PickleValue*> PickleMachine::CallPlain(absl::string_view name, const Items& args) {
  const Allowed* allowed = FindAllowed(name);
  if (allowed == nullptr) {
    return nullptr;
  }
  switch (allowed->makes) {
    case Makes::kDict:
      return Collect(Kind::kDict, args);
    case Makes::kEmptyDict:
      return arena_.New(Kind::kDict);
    case Makes::kSet:
      return Collect(Kind::kSet, args);
    case Makes::kList:
      return Collect(Kind::kList, args);
    case Makes::kTuple:
      return Collect(Kind::kTuple, args);
    case Makes::kBytes:
      return EncodeLatin1(args);
    case Makes::kOpaque:
      return arena_.NewText(Kind::kOpaque, name);
    case Makes::kInstance:
      break;
  }
  if (args.empty() || args[0]->kind != Kind::kGlobal) {
    return absl::InvalidArgumentError("an instance of something that is no class");
  }
  return Instance(*args[0]);
}

// A container from no argument or from one container, as Python's constructors take it.
absl::StatusOr<PickleValue*> PickleMachine::Collect(Kind kind, const Items& args) {
  PickleValue* value = arena_.New(kind);
  if (args.empty()) {
    return value;
  }
  const PickleValue& from = *args[0];
  if (args.size() > 1 ||
      (from.kind != Kind::kList && from.kind != Kind::kTuple && from.kind != Kind::kSet)) {
    return absl::InvalidArgumentError("a container made of something else than items");
  }
  LINGULA_RETURN_IF_ERROR(Charge(from.items.size() * sizeof(PickleValue*)));
  if (kind != Kind::kDict) {
    value->items = from.items;
    return value;
  }
  for (const PickleValue* pair : from.items) {
    if ((pair->kind != Kind::kTuple && pair->kind != Kind::kList) || pair->items.size() != 2) {
      return absl::InvalidArgumentError("a dictionary made of something else than pairs");
    }
    value->items.insert(value->items.end(), {pair->items[0], pair->items[1]});
  }
  return value;
}

// bytes as protocols before 3 write them: a Latin-1 text and the name of that encoding.
absl::StatusOr<PickleValue*> PickleMachine::EncodeLatin1(const Items& args) {
  PickleValue* value = arena_.New(Kind::kBytes);
  if (args.empty()) {
    return value;
  }
  if (args.size() == 1 && args[0]->kind == Kind::kBytes) {
    value->text = args[0]->text;
    return value;
  }
  if (args.size() != 2 || args[0]->kind != Kind::kString || args[1]->kind != Kind::kString ||
      (args[1]->text != "latin1" && args[1]->text != "latin-1")) {
    return absl::InvalidArgumentError("bytes must be made of a text and \"latin1\"");
  }
  LINGULA_RETURN_IF_ERROR(Charge(args[0]->text.size()));
  LINGULA_ASSIGN_OR_RETURN(std::string bytes, Latin1(args[0]->text));
  value->text = arena_.Keep(std::move(bytes));
  return value;
}

PickleValue* PickleMachine::Instance(const PickleValue& type) {
  return type.text == "collections.OrderedDict" || type.text == "builtins.dict"
             ? arena_.New(Kind::kDict)
             : arena_.NewText(Kind::kOpaque, type.text);
}

absl::Status PickleMachine::NewObject(unsigned char opcode) {
  if (opcode == 0x92) {
    LINGULA_RETURN_IF_ERROR(Take().status());  // keyword arguments
  }
  LINGULA_RETURN_IF_ERROR(Take().status());  // arguments
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const type, Take());
  if (type->kind != Kind::kGlobal) {
    return absl::InvalidArgumentError("an instance of something that is no class");
  }
  Push(Instance(*type));
  return absl::OkStatus();
}

// The state of an object is dropped: attributes of a dictionary say nothing about its tensors, and
// an opaque object holds nothing.
absl::Status PickleMachine::Build(unsigned char) {
  LINGULA_RETURN_IF_ERROR(Take().status());
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const target, Top());
  if (target->kind != Kind::kDict && target->kind != Kind::kOpaque) {
    return absl::InvalidArgumentError("gives attributes to something that has none");
  }
  return absl::OkStatus();
}

absl::Status PickleMachine::PersistentId(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const id, Take());
  LINGULA_ASSIGN_OR_RETURN(PickleValue* const value, hooks_.persistent(*id));
  Push(value);
  return absl::OkStatus();
}

}  // namespace lingula
