// Where models end: on a thread that no request waits for.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "model/base/mutex.h"

namespace lingula {

class LoadedModel;

// Destroying a LoadedModel joins its batch thread and frees its network, and the last to let go of
// one may be that very thread, or one that a request waits for. So handles do not destroy: they
// hand the model over to the thread of this class.
// Threads  Thread-safe. The destructor waits until every handle is gone and every model destroyed,
//          so whoever destroys this must hold none.
class ModelRetirement {
 public:
  // `on_gone`, if any, hears of each model after it is destroyed, on the thread of this.
  explicit ModelRetirement(std::function<void()> on_gone = nullptr);
  ~ModelRetirement();
  ModelRetirement(const ModelRetirement&) = delete;
  ModelRetirement& operator=(const ModelRetirement&) = delete;

  // Shared, because the table and every request that began with the model hold it, and any of them
  // may be the last.
  std::shared_ptr<LoadedModel> Adopt(std::unique_ptr<LoadedModel> model) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Take(LoadedModel* model) ABSL_LOCKS_EXCLUDED(mu_);
  void Loop() ABSL_LOCKS_EXCLUDED(mu_);

  const std::function<void()> on_gone_;
  Mutex mu_;
  CondVar changed_;
  std::vector<std::unique_ptr<LoadedModel>> retired_ ABSL_GUARDED_BY(mu_);
  int alive_ ABSL_GUARDED_BY(mu_) = 0;  // adopted and not destroyed
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace lingula
