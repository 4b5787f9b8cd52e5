#include "server/service/model_retirement.h"

#include <utility>

#include "server/service/model_table.h"

namespace lingula {

ModelRetirement::ModelRetirement(std::function<void()> on_gone) : on_gone_(std::move(on_gone)) {
  thread_ = std::thread([this] { Loop(); });
}

ModelRetirement::~ModelRetirement() {
  {
    MutexLock lock(mu_);
    closing_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

std::shared_ptr<LoadedModel> ModelRetirement::Adopt(std::unique_ptr<LoadedModel> model) {
  {
    MutexLock lock(mu_);
    ++alive_;
  }
  return {model.release(), [this](LoadedModel* last) { Take(last); }};
}

void ModelRetirement::Take(LoadedModel* model) {
  MutexLock lock(mu_);
  retired_.emplace_back(model);
  changed_.NotifyAll();  // under the lock: after it this may be gone
}

void ModelRetirement::Loop() {
  for (;;) {
    std::vector<std::unique_ptr<LoadedModel>> gone;
    {
      MutexLock lock(mu_);
      while (retired_.empty() && !(closing_ && alive_ == 0)) {
        changed_.Wait(mu_);
      }
      if (retired_.empty()) {
        return;
      }
      gone.swap(retired_);
      alive_ -= static_cast<int>(gone.size());
    }
    for (std::unique_ptr<LoadedModel>& model : gone) {
      model.reset();
      if (on_gone_) {
        on_gone_();
      }
    }
  }
}

}  // namespace lingula
