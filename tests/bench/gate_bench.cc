// What a call pays at the gate.
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "server/security/gate.h"
#include "server/security/token.h"

namespace lingula {
namespace {

void Admit(benchmark::State& state, Gate& gate, const Credentials& credentials) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(gate.Admit(credentials, Role::kSegment, Claim::kCall));
  }
}

void BM_GateOpen(benchmark::State& state) {
  Gate gate(Gate::Options(), Clock::Real(), [](Refusal) {});
  Admit(state, gate, {"ipv4:10.0.0.1", "", {}});
}
BENCHMARK(BM_GateOpen);

// The last token of so many callers, with all limits.
void BM_GateToken(benchmark::State& state) {
  std::string entries;
  for (int i = 0; i < state.range(0); ++i) {
    absl::StrAppend(&entries, "callers { name: \"", i, "\" roles: ROLE_SEGMENT token_sha256: \"",
                    TokenHash(absl::StrCat("token", i)),
                    "\" limits { calls_per_second: 1000000 max_calls: 9 max_streams: 9 } }\n");
  }
  auto callers = Callers::Parse(entries, "callers");
  Gate gate(Gate::Options(), Clock::Real(), [](Refusal) {});
  gate.Replace(std::make_shared<const Callers>(*std::move(callers)));
  const std::string sent = absl::StrCat("Bearer token", state.range(0) - 1);
  Admit(state, gate, {"ipv4:10.0.0.1", sent, {}});
}
BENCHMARK(BM_GateToken)->Arg(1)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace lingula
