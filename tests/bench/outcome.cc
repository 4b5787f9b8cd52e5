#include "tests/bench/outcome.h"

#include <algorithm>
#include <chrono>

namespace lingula::bench {
namespace {

bool Holds(const Window& window, Nanos moment) {
  return window.from <= moment && moment < window.until;
}

double Milliseconds(Nanos time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

Outcome Summarise(const std::vector<Planned>& requests, const std::vector<Traffic::Share>& inputs,
                  const Ledger& ledger, const Window& window) {
  Outcome outcome;
  int useful = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const Planned& request = requests[i];
    const Answer answer = ledger[i];
    const Fate fate = FateOf(request, answer, inputs[static_cast<size_t>(request.input)].expected);
    useful += fate == Fate::kInTime && Holds(window, answer.answered) ? 1 : 0;
    if (!Holds(window, request.at)) {
      continue;
    }
    outcome.fates.Add(fate);
    outcome.lag_ms.push_back(Milliseconds(answer.sent - request.at));
    if (fate == Fate::kInTime) {
      outcome.useful_ms.push_back(Milliseconds(answer.answered - request.at));
    } else if (fate == Fate::kLate) {
      outcome.latest_ms = std::max(outcome.latest_ms,
                                   Milliseconds(answer.answered - request.at - *request.deadline));
    } else if (fate == Fate::kRefused) {
      outcome.refused_ms.push_back(Milliseconds(answer.answered - request.at));
    }
  }
  outcome.useful_per_second =
      useful / std::chrono::duration<double>(window.until - window.from).count();
  return outcome;
}

}  // namespace lingula::bench
