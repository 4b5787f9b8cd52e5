#include "tests/model/tools/python_checkpoint.h"

#include <zip.h>

#include <fstream>
#include <stdexcept>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lingula::test {
namespace {

// Writes a pickle of protocol 2, opcode by opcode.
class Pickler {
 public:
  Pickler& Raw(absl::string_view bytes) {
    absl::StrAppend(&out_, bytes);
    return *this;
  }
  Pickler& Text(absl::string_view text) {
    const auto size = static_cast<uint32_t>(text.size());
    return Raw("X").Raw({reinterpret_cast<const char*>(&size), 4}).Raw(text);
  }
  Pickler& Int(int64_t value) {  // LONG1 of 8 bytes
    return Raw({"\x8a\x08", 2}).Raw({reinterpret_cast<const char*>(&value), 8});
  }
  Pickler& Global(absl::string_view module, absl::string_view name) {
    return Raw(absl::StrCat("c", module, "\n", name, "\n"));
  }
  Pickler& Ints(torch::IntArrayRef values) {
    Raw("(");
    for (const int64_t value : values) {
      Int(value);
    }
    return Raw("t");
  }
  // torch._utils._rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict())
  void Tensor(const torch::Tensor& tensor, const std::string& key) {
    const bool whole = tensor.scalar_type() == torch::kInt64;
    Global("torch._utils", "_rebuild_tensor_v2").Raw("((").Text("storage");
    Global("torch", whole ? "LongStorage" : "FloatStorage").Text(key).Text("cpu");
    Int(tensor.numel()).Raw("tQ").Int(0).Ints(tensor.sizes()).Ints(tensor.strides());
    Raw("\x89").Global("collections", "OrderedDict").Raw(")RtR");
  }
  const std::string& out() const { return out_; }

 private:
  std::string out_ = {"\x80\x02", 2};
};

class Archive {
 public:
  explicit Archive(const std::string& path) : zip_(zip_open(path.c_str(), ZIP_CREATE, nullptr)) {
    Check(zip_ != nullptr);
  }
  ~Archive() noexcept(false) { Check(zip_close(zip_) == 0); }
  // `bytes` are read when the archive is closed.
  void Add(const std::string& name, absl::string_view bytes) {
    zip_source_t* source = zip_source_buffer(zip_, bytes.data(), bytes.size(), 0);
    const int64_t index = zip_file_add(zip_, name.c_str(), source, 0);
    Check(index >= 0 && zip_set_file_compression(zip_, index, ZIP_CM_STORE, 0) == 0);
  }

 private:
  static void Check(bool good) {
    if (!good) {
      throw std::runtime_error("the archive could not be written");
    }
  }
  zip_t* zip_;
};

torch::ScalarType TypeOf(const std::string& name) {
  return name == "int64" ? torch::kInt64 : torch::kFloat32;
}

}  // namespace

void WritePythonCheckpoint(const std::string& path, const StateDict& tensors, bool lightning) {
  Pickler pickler;
  std::vector<torch::Tensor> kept;
  if (lightning) {
    pickler.Raw("}(").Text("epoch").Int(7).Text("state_dict");
  }
  pickler.Raw("}(");
  for (const auto& [name, tensor] : tensors) {
    pickler.Text(name).Tensor(tensor.contiguous(), absl::StrCat(kept.size()));
    kept.push_back(tensor.contiguous());
  }
  pickler.Raw(lightning ? "uu." : "u.");
  Archive archive(path);
  archive.Add("archive/data.pkl", pickler.out());
  archive.Add("archive/byteorder", "little");
  archive.Add("archive/version", "3\n");
  for (size_t i = 0; i < kept.size(); ++i) {
    archive.Add(absl::StrCat("archive/data/", i),
                {static_cast<const char*>(kept[i].data_ptr()), kept[i].nbytes()});
  }
}

StateDict FormulaState(const std::string& keys_file, const Formula& formula,
                       const std::function<bool(const std::string&)>& keep) {
  StateDict state;
  std::ifstream file(keys_file);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (!keep(fields[0]) || absl::EndsWith(fields[0], ".pe")) {
      continue;
    }
    std::vector<int64_t> shape;
    for (const absl::string_view size : absl::StrSplit(fields[2], ',', absl::SkipEmpty())) {
      shape.push_back(0);
      if (!absl::SimpleAtoi(size, &shape.back())) {
        throw std::runtime_error("not a key list: " + keys_file);
      }
    }
    state[fields[0]] = TypeOf(fields[1]) == torch::kInt64 ? torch::zeros(shape, torch::kInt64)
                                                          : formula.Make(fields[0], shape);
  }
  return state;
}

}  // namespace lingula::test
