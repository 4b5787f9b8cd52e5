// What a pickle may become here: plain containers, tensors, and objects that hold nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/import/torch_tensor.h"

namespace lingula {

struct PickleValue {
  enum class Kind {
    kNone,
    kBool,
    kInt,
    kBigInt,  // more than 64 bits, never computed with
    kFloat,
    kString,
    kBytes,
    kList,
    kTuple,
    kDict,
    kSet,
    kGlobal,  // the name of a class or function; nothing was imported
    kOpaque,  // an object of a class that we do not know: it holds nothing
    kStorage,
    kTensor,
  };

  Kind kind = Kind::kNone;
  int64_t whole = 0;       // kBool, kInt
  double real = 0;         // kFloat
  absl::string_view text;  // kString, kBytes; the dotted name of kGlobal, of kOpaque's class;
                           // kBigInt: little-endian two's complement, or decimal in protocol 0
  // kList, kTuple, kSet; of kDict key, value, key, value in the file's order, where a later value
  // of the same key wins. A hostile file can build cycles.
  std::vector<const PickleValue*> items;
  const TorchStorage* storage = nullptr;
  const TorchTensor* tensor = nullptr;

  // The last value of a text key; null when there is none or this is no dictionary.
  const PickleValue* Find(absl::string_view key) const;
};

// Owns the values of a file: pointers and texts stay good while it lives, cycles included.
class PickleArena {
 public:
  PickleArena() = default;
  PickleArena(const PickleArena&) = delete;
  PickleArena& operator=(const PickleArena&) = delete;

  PickleValue* New(PickleValue::Kind kind) {
    values_.emplace_back();
    values_.back().kind = kind;
    return &values_.back();
  }
  PickleValue* NewText(PickleValue::Kind kind, absl::string_view text) {
    PickleValue* value = New(kind);
    value->text = text;
    return value;
  }
  absl::string_view Keep(std::string text) {
    texts_.push_back(std::move(text));
    return texts_.back();
  }
  TorchStorage* Keep(TorchStorage storage) {
    storages_.push_back(std::move(storage));
    return &storages_.back();
  }
  const TorchTensor* Keep(TorchTensor tensor) {
    tensors_.push_back(std::move(tensor));
    return &tensors_.back();
  }

 private:
  std::deque<PickleValue> values_;
  std::deque<std::string> texts_;
  std::deque<TorchStorage> storages_;
  std::deque<TorchTensor> tensors_;
};

}  // namespace lingula
