#include <cstring>

#include "model/bundle/safetensors.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {
namespace {

std::string FileOf(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + data;
}

std::string Tensor(const std::string& dtype, const std::string& shape, const std::string& range) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + range + "}";
}

// What Open() promises of a file that it takes.
void CheckOpened(const SafeTensors& file) {
  size_t covered = 0;
  const absl::string_view whole = file.file();
  for (const auto& [name, tensor] : file.tensors()) {
    const auto bytes = TensorBytes(tensor.dtype, tensor.shape);
    Require(bytes.ok() && *bytes == static_cast<int64_t>(tensor.bytes.size()),
            "a tensor's bytes fit its shape");
    Require(tensor.bytes.data() >= whole.data() &&
                tensor.bytes.data() + tensor.bytes.size() <= whole.data() + whole.size(),
            "a tensor lies in its file");
    covered += tensor.bytes.size();
    volatile char last = tensor.bytes.empty() ? '\0' : tensor.bytes.back();  // it can be read
    static_cast<void>(last);
    Require(file.Get(name).ok(), "a tensor is found by its name");
  }
  Require(covered <= whole.size(), "no two tensors share a byte");
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string floats(24, '\1');
  const std::string nan("\0\0\xc0\x7f", 4);
  std::string nested = "{\"t\":";
  nested += std::string(40, '[') + std::string(40, ']') + "}";
  return {
      FileOf("{}", ""),
      FileOf(R"({"a":)" + Tensor("F32", "[2,3]", "[0,24]") + "}", floats),
      FileOf(R"({"a":)" + Tensor("F32", "[]", "[0,4]") + "}", nan),
      FileOf(R"({"__metadata__":{"format":"pt","k":"v"},"a":)" + Tensor("F16", "[4]", "[0,8]") +
                 R"(,"b.weight":)" + Tensor("I64", "[2,1]", "[8,24]") + "}  ",
             floats),
      FileOf(R"({"a":)" + Tensor("U8", "[2]", "[0,2]") + R"(,"b":)" +
                 Tensor("BOOL", "[2]", "[1,3]") + "}",
             "abc"),  // overlap
      FileOf(R"({"a":)" + Tensor("BF16", "[4294967296,4294967296]", "[0,0]") + "}", ""),
      FileOf(R"({"a":)" + Tensor("F64", "[0,9]", "[0,0]") + R"(,"\u0041\n":)" +
                 Tensor("I32", "[1]", "[0,4]") + "}",
             "abcd"),
      FileOf(nested, ""),
      std::string(8, '\xff') + "{}",
      FileOf("{\"t\":NaN}", ""),
      FileOf("{\"" + std::string(30000, 'n') + R"(":{"dtype":"U\u0007"}})", ""),  // a long name
      FileOf(R"({"\u0007":)" + Tensor("U\\n8", "[1]", "[0,1]") + "}", "a"),
      FileOf(R"({"a":)" + Tensor("U8", "[" + std::string(9999, '9') + "]", "[0,1]") + "}", "a"),
      FileOf(R"({"a":5,"a":5,")" + std::string(9000, 'n'), ""),
      "",
  };
}

bool Accepts(absl::string_view input) {
  static MemoryFile file;
  file.Put(input);
  const auto opened = SafeTensors::Open(file.path());
  if (opened.ok()) {
    CheckOpened(*opened);
  } else {
    Require(opened.status().code() == absl::StatusCode::kInvalidArgument,
            "a bad file is INVALID_ARGUMENT");
    RequireMessage(opened.status().message());
  }
  return opened.ok();
}

}  // namespace lingula::fuzz
