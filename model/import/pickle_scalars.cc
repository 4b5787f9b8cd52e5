// Opcodes that push one number or text.
#include <cstring>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/base/status_macros.h"
#include "model/import/pickle_machine.h"

namespace lingula {
namespace {

// The magic number of a legacy file has 10 bytes; nothing of a checkpoint is longer.
constexpr size_t kMaxLongBytes = 1024;

void AppendUtf8(uint32_t point, std::string& out) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out.push_back(static_cast<char>(kLead[more] | point >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(0x80 | ((point >> (6 * i)) & 0x3F)));
  }
}

// Reads `digits` digits of `base` at the start of `text`; false when they are not there.
bool TakeCode(size_t digits, int base, absl::string_view& text, uint32_t& code) {
  if (text.size() < digits) {
    return false;
  }
  code = 0;
  for (const char c : text.substr(0, digits)) {
    const int digit = absl::ascii_isdigit(c)    ? c - '0'
                      : absl::ascii_isxdigit(c) ? absl::ascii_tolower(c) - 'a' + 10
                                                : base;
    if (digit >= base) {
      return false;
    }
    code = code * base + digit;
  }
  text.remove_prefix(digits);
  return true;
}

// Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX.
absl::StatusOr<std::string> FromRawUnicode(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    uint32_t point = static_cast<unsigned char>(text[0]);
    text.remove_prefix(1);
    if (point != '\\' || text.empty()) {
      AppendUtf8(point, out);
      continue;
    }
    const char kind = text[0];
    text.remove_prefix(1);
    if (kind != 'u' && kind != 'U') {
      out.push_back('\\');
      AppendUtf8(static_cast<unsigned char>(kind), out);
      continue;
    }
    if (!TakeCode(kind == 'u' ? 4 : 8, 16, text, point) || point > 0x10FFFF) {
      return absl::InvalidArgumentError("a text with a broken \\u escape");
    }
    AppendUtf8(point, out);
  }
  return out;
}

// The inside of a Python string literal.
absl::StatusOr<std::string> FromLiteral(absl::string_view text) {
  constexpr absl::string_view kPlain = "\\'\"abfnrtv";
  constexpr absl::string_view kMeaning = "\\'\"\a\b\f\n\r\t\v";
  std::string out;
  while (!text.empty()) {
    char c = text[0];
    text.remove_prefix(1);
    if (c == '\\') {
      const size_t plain = text.empty() ? absl::string_view::npos : kPlain.find(text[0]);
      uint32_t code = 0;
      if (plain != absl::string_view::npos) {
        c = kMeaning[plain];
        text.remove_prefix(1);
      } else if ((absl::ConsumePrefix(&text, "x") && TakeCode(2, 16, text, code)) ||
                 TakeCode(3, 8, text, code)) {
        c = static_cast<char>(code);
      } else {
        return absl::InvalidArgumentError("a string with a broken escape");
      }
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace

absl::Status PickleMachine::Constant(unsigned char opcode) {
  PickleValue* value = arena_.New(opcode == 'N' ? Kind::kNone : Kind::kBool);
  value->whole = opcode == 0x88 ? 1 : 0;
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::TextInt(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view line, input_.Line());
  const bool truth = line == "00" || line == "01";
  PickleValue* value = arena_.New(truth ? Kind::kBool : Kind::kInt);
  if (!absl::SimpleAtoi(line, &value->whole)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", Quoted(line), "\" is no 64-bit number"));
  }
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::BinaryInt(unsigned char opcode) {
  const size_t bytes = opcode == 'J' ? 4 : opcode == 'M' ? 2 : 1;
  LINGULA_ASSIGN_OR_RETURN(const uint64_t number, input_.Number(bytes));
  PickleValue* value = arena_.New(Kind::kInt);
  value->whole = opcode == 'J' ? static_cast<int32_t>(static_cast<uint32_t>(number))
                               : static_cast<int64_t>(number);
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::TextLong(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(absl::string_view line, input_.Line());
  absl::ConsumeSuffix(&line, "L");
  PickleValue* value = arena_.New(Kind::kInt);
  if (!absl::SimpleAtoi(line, &value->whole)) {
    const absl::string_view digits = absl::StripPrefix(line, "-");
    if (digits.empty() || digits.size() > kMaxLongBytes ||
        digits.find_first_not_of("0123456789") != absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", Quoted(line), "\" is no number of up to ", kMaxLongBytes, " digits"));
    }
    value->kind = Kind::kBigInt;
    value->text = line;
  }
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::BinaryLong(unsigned char opcode) {
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view bytes, input_.Counted(opcode == 0x8a ? 1 : 4));
  if (bytes.size() > kMaxLongBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a whole number of ", bytes.size(),
                                                   " bytes; at most ", kMaxLongBytes, " are read"));
  }
  PickleValue* value = arena_.New(bytes.size() > 8 ? Kind::kBigInt : Kind::kInt);
  value->text = bytes;
  if (value->kind == Kind::kInt) {
    const bool negative = !bytes.empty() && (bytes.back() & 0x80) != 0;
    uint64_t number = negative ? ~uint64_t{0} : 0;
    for (size_t i = bytes.size(); i-- > 0;) {
      number = number << 8 | static_cast<unsigned char>(bytes[i]);
    }
    std::memcpy(&value->whole, &number, sizeof(number));
  }
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::TextFloat(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view line, input_.Line());
  PickleValue* value = arena_.New(Kind::kFloat);
  if (!absl::SimpleAtod(line, &value->real)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", Quoted(line), "\" is no number"));
  }
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::BinaryFloat(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const uint64_t number, input_.Number(8));
  const uint64_t swapped = __builtin_bswap64(number);
  PickleValue* value = arena_.New(Kind::kFloat);
  static_assert(sizeof(swapped) == sizeof(value->real));
  std::memcpy(&value->real, &swapped, sizeof(swapped));
  Push(value);
  return absl::OkStatus();
}

absl::Status PickleMachine::QuotedString(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(absl::string_view line, input_.Line());
  if (line.size() < 2 || (line[0] != '\'' && line[0] != '"') || line.back() != line[0]) {
    return absl::InvalidArgumentError("a string without its quotes");
  }
  LINGULA_RETURN_IF_ERROR(Charge(line.size()));
  LINGULA_ASSIGN_OR_RETURN(std::string text, FromLiteral(line.substr(1, line.size() - 2)));
  Push(arena_.NewText(Kind::kString, arena_.Keep(std::move(text))));
  return absl::OkStatus();
}

absl::Status PickleMachine::EscapedUnicode(unsigned char) {
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view line, input_.Line());
  LINGULA_RETURN_IF_ERROR(Charge(2 * line.size()));
  LINGULA_ASSIGN_OR_RETURN(std::string text, FromRawUnicode(line));
  Push(arena_.NewText(Kind::kString, arena_.Keep(std::move(text))));
  return absl::OkStatus();
}

absl::Status PickleMachine::CountedString(unsigned char opcode) {
  const size_t length = opcode == 'X' || opcode == 'T' ? 4 : opcode == 0x8d ? 8 : 1;
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view text, input_.Counted(length));
  Push(arena_.NewText(Kind::kString, text));
  return absl::OkStatus();
}

absl::Status PickleMachine::CountedBytes(unsigned char opcode) {
  const size_t length = opcode == 'B' ? 4 : opcode == 'C' ? 1 : 8;
  LINGULA_ASSIGN_OR_RETURN(const absl::string_view bytes, input_.Counted(length));
  Push(arena_.NewText(Kind::kBytes, bytes));
  return absl::OkStatus();
}

}  // namespace lingula
