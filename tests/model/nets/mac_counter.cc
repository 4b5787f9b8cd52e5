#include "tests/model/nets/mac_counter.h"

#include <memory>

#include <ATen/core/Tensor.h>

#include "absl/strings/string_view.h"

namespace lingula::test {
namespace {

thread_local int64_t counted = 0;

// What the inputs tell, which are gone when the operator ends.
struct Work : at::ObserverContext {
  int64_t each = 0;   // for each value of the output
  int64_t fixed = 0;  // besides
};

std::unique_ptr<at::ObserverContext> Start(const at::RecordFunction& function) {
  const absl::string_view name = function.name();
  const auto in = [&](size_t i) { return function.inputs()[i].toTensor(); };
  auto work = std::make_unique<Work>();
  if (name == "aten::convolution") {  // input, weight, bias, stride, padding, dilation, transposed
    const int64_t taps = in(1).numel() / in(1).size(0);
    if (function.inputs()[6].toBool()) {
      work->fixed = taps * in(0).numel();
    } else {
      work->each = taps;
    }
  } else if (name == "aten::mm" || name == "aten::bmm") {
    work->each = in(0).size(-1);
  } else if (name == "aten::addmm" || name == "aten::baddbmm") {
    work->each = in(1).size(-1);
  } else if (name == "aten::_scaled_dot_product_flash_attention_for_cpu") {
    work->fixed = 2 * in(0).numel() * in(1).size(-2);  // scores, and mixing of equal size
  }
  return work;
}

void End(const at::RecordFunction& function, at::ObserverContext* context) {
  const auto& work = static_cast<const Work&>(*context);
  counted += work.fixed;
  if (work.each > 0) {
    counted += work.each * function.outputs()[0].toTensor().numel();
  }
}

}  // namespace

MacCounter::MacCounter()
    : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(&Start, &End)
                                             .needsInputs(true)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}))) {
  counted = 0;
}

MacCounter::~MacCounter() {
  at::removeCallback(handle_);
}

int64_t MacCounter::macs() const {
  return counted;
}

}  // namespace lingula::test
