#include <zlib.h>

#include "model/import/torch_file.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {
namespace {

std::string Number(uint64_t value, size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

std::string Text(const std::string& text) {
  return "X" + Number(text.size(), 4) + text;
}

// The pickle of {"w": a tensor [2, 2] of floats in block "0"}; `end` closes the storage's id.
std::string StateDict(const std::string& end) {
  return "\x80\x02}" + Text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + Text("storage") +
         "ctorch\nFloatStorage\n" + Text("0") + Text("cpu") + "K\x04" + end + "tQK" +
         std::string(1, '\0') + "K\x02K\x02\x86K\x02K\x01\x86\x89" +
         "ccollections\nOrderedDict\n)RtRs.";
}

// As torch.save wrote before version 1.6.
std::string Legacy(const std::string& pickle) {
  return std::string("\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.") +
         "\x80\x02}U\rlittle_endian\x88s." + pickle + "]" + Text("0") + "a." + Number(4, 8) +
         std::string(16, '\1');
}

struct Member {
  std::string name;
  std::string data;
};

// A zip archive of uncompressed members.
std::string Zip(const std::vector<Member>& members) {
  std::string file, directory;
  for (const Member& member : members) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(member.data.data());
    const uint64_t size = member.data.size();
    const std::string common =
        Number(20, 2) + std::string(8, '\0') + Number(crc32(0, bytes, static_cast<uInt>(size)), 4) +
        Number(size, 4) + Number(size, 4) + Number(member.name.size(), 2) + Number(0, 2);
    directory += "PK\1\2" + Number(20, 2) + common + std::string(10, '\0') +
                 Number(file.size(), 4) + member.name;
    file += "PK\3\4" + common + member.name + member.data;
  }
  return file + directory + "PK\5\6" + Number(0, 4) + Number(members.size(), 2) +
         Number(members.size(), 2) + Number(directory.size(), 4) + Number(file.size(), 4) +
         Number(0, 2);
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string pickle = StateDict("");
  return {Legacy(StateDict("N")),
          Zip({{"a/data.pkl", pickle}, {"a/data/0", std::string(16, '\2')}, {"a/version", "3\n"}}),
          Legacy(StateDict("(U\1vK\1K\2t")),
          pickle,
          "cos\nsystem\n(S'true'\ntR.",
          "\x80\x04\x95" + Number(~uint64_t{0}, 8) + "}.",
          "\x80\x02]q" + Number(0, 1) + "h" + Number(0, 1) + "a.",  // a list in itself
          "\x8d" + Number(~uint64_t{0} >> 1, 8) + "x.",
          "\x8b" + Number(0x7fffffff, 4) + "x.",
          std::string(5000, '(') + std::string(5000, 't') + ".",
          ""};
}

// Opens the file and reads all that it offers.
bool Accepts(absl::string_view input) {
  static MemoryFile file;
  file.Put(input);
  const auto checkpoint = Checkpoint::Open(file.path());
  if (!checkpoint.ok()) {
    RequireMessage(checkpoint.status().message());
    return false;
  }
  bool whole = true;
  for (const auto& [name, stored] : checkpoint->tensors()) {
    const auto tensor = checkpoint->Load(name);
    if (tensor.ok()) {
      Require(tensor->shape == stored.shape && tensor->dtype == stored.dtype,
              "a tensor is what was announced");
      Require(static_cast<int64_t>(tensor->bytes.size()) ==
                  TensorBytes(tensor->dtype, tensor->shape).value_or(-1),
              "a tensor's bytes fit its shape");
    } else {
      RequireMessage(tensor.status().message());
      whole = false;
    }
  }
  return whole;
}

}  // namespace lingula::fuzz
