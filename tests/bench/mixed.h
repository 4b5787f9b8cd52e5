// Requests of all kinds at once: good and bad ones, with and without deadlines, some given up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/bench/figures.h"
#include "tests/bench/inputs.h"
#include "tests/bench/open_load.h"
#include "tests/bench/outcome.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"
#include "tests/bench/target.h"

namespace lingula::bench {

// The mixture and how to tell a right answer: the caller's own id, and the mask that the same
// picture gets when it is alone.
class Mix {
 public:
  // Asks for each input once. An error when one of them is not answered as it should be.
  static absl::StatusOr<Mix> Learn(int side_px, Connections& connections);

  const std::vector<Traffic::Share>& inputs() const { return traffic_.inputs; }
  // `per_second` of them for `duration`; this object outlives the load.
  OpenLoad Load(Pattern pattern, double per_second, Nanos duration, std::mt19937_64& random) const;

 private:
  bool IsRight(int input, const std::string& id, const grpc::ByteBuffer& answer) const;

  std::vector<Payload> payloads_;
  std::vector<std::string> masks_;  // run lengths, for each input; empty: it has none
  Traffic traffic_;
};

// Adds what became of plan.mixed_requests requests at several times the peak, key by key; every
// one must have been answered once, rightly, and the server's own counts must agree.
absl::Status MeasureMixed(const Target& target, int side_px, uint64_t seed, const Plan& plan,
                          Steps& steps, Figures& figures);

}  // namespace lingula::bench
