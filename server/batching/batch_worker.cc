#include "server/batching/batch_worker.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/cores.h"
#include "model/base/log.h"

namespace lingula {
namespace {

using Answers = std::vector<absl::StatusOr<Prediction>>;

// The door at which whatever an engine throws becomes a status.
absl::StatusOr<Answers> Predict(Engine& engine, const std::vector<const Sample*>& samples) {
  try {
    Answers answers = engine.Predict(samples);
    if (answers.size() == samples.size()) {
      return answers;
    }
    log::Error("engine answered the wrong number of samples",
               {{"asked", samples.size()}, {"answered", answers.size()}});
  } catch (const std::exception& error) {
    log::Error("engine threw", {{"what", error.what()}});
  }
  return absl::InternalError("the network failed on this batch: see the server's log");
}

void AnswerOverdue(std::vector<Task>& overdue, Instant now) {
  for (Task& task : overdue) {
    BatchReceipt receipt;
    receipt.queue_us = MicrosBetween(task.queued, now);
    if (task.IsCancelled()) {
      task.done(absl::CancelledError("cancelled while waiting for the network"), receipt);
    } else {
      task.done(absl::DeadlineExceededError("expired while waiting for the network"), receipt);
    }
  }
}

}  // namespace

BatchWorker::BatchWorker(Engine& engine, BatchQueue& queue, const Clock& clock, Observer on_batch,
                         Instance instance)
    : engine_(engine),
      queue_(queue),
      clock_(clock),
      on_batch_(std::move(on_batch)),
      instance_(std::move(instance)) {
  thread_ = std::thread([this] { Loop(); });
}

BatchWorker::~BatchWorker() {
  queue_.Close();
  thread_.join();
}

void BatchWorker::Loop() {
  if (!StayOn(instance_.cores)) {
    log::Warning("the system does not let this thread stay on its cores",
                 {{"instance", instance_.number}});
  }
  WarmUp();
  for (;;) {
    Batch batch = queue_.Pop(instance_.number);
    if (batch.empty()) {
      return;
    }
    if (on_batch_) {
      on_batch_(batch);
    }
    AnswerOverdue(batch.overdue, clock_.Now());
    if (!batch.tasks.empty()) {
      Run(batch.tasks, batch.cut);
    }
  }
}

void BatchWorker::WarmUp() {
  if (instance_.warm_up != nullptr) {
    const std::vector<const Sample*> batch(queue_.options().max_batch_size, instance_.warm_up);
    const auto answers = Predict(engine_, batch);
    if (!answers.ok() || !answers->front().ok()) {
      log::Warning("an instance could not be warmed", {{"instance", instance_.number}});
    }
  }
  warmed_.set_value();
}

void BatchWorker::Run(std::vector<Task>& tasks, BatchCut cut) {
  std::vector<const Sample*> samples;
  samples.reserve(tasks.size());
  for (const Task& task : tasks) {
    samples.push_back(&task.sample);
  }
  const Instant start = clock_.Now();
  absl::StatusOr<Answers> answers = Predict(engine_, samples);
  BatchReceipt receipt;
  receipt.infer_us = MicrosBetween(start, clock_.Now());
  receipt.batch_size = static_cast<int>(tasks.size());
  receipt.cut = cut;
  if (instance_.on_run) {
    instance_.on_run(std::chrono::microseconds(receipt.infer_us));
  }
  // A second opinion costs more than the size of the batch says.
  const bool usual = std::none_of(samples.begin(), samples.end(),
                                  [](const Sample* sample) { return sample->second_opinion; });
  if (usual) {
    queue_.Learn({receipt.batch_size, std::chrono::microseconds(receipt.infer_us)},
                 instance_.number);
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    receipt.queue_us = MicrosBetween(tasks[i].queued, start);
    if (answers.ok()) {
      tasks[i].done(std::move((*answers)[i]), receipt);
    } else {
      tasks[i].done(answers.status(), receipt);
    }
  }
}

}  // namespace lingula
