// How long each part of lingula-bench measures. Everything but the count of mixed requests is
// limited by time, so that a run ends when it said it would, however slow the machine is.
#pragma once

#include <chrono>

namespace lingula::bench {

struct Plan {
  using Millis = std::chrono::milliseconds;

  Millis start;              // server up, first answer, two engines loaded: a guess
  Millis own_cost;           // calls one by one
  int rounds;                // of all below: each measures all its sides once a round
  Millis server_load;        // saturated server, a round
  Millis static_batch;       // engine alone, each batch size and way, a round
  Millis engine_comparison;  // each of the three engines, a round
  int goodput_rounds;
  Millis peak;             // between two overloads
  Millis overload_run_up;  // at least the longest deadline, so that queues are as they stay
  Millis overload;         // what counts
  int mixed_requests;      // good, bad, cancelled, with all kinds of deadlines
  Millis mixed;            // a guess

  static Plan Full() {
    Plan plan;
    plan.start = Millis(6000);
    plan.own_cost = Millis(60000);
    plan.rounds = 5;
    plan.server_load = Millis(6000);
    plan.static_batch = Millis(2500);
    plan.engine_comparison = Millis(3000);
    plan.goodput_rounds = 3;
    plan.peak = Millis(3000);
    plan.overload_run_up = Millis(2000);
    plan.overload = Millis(6000);
    plan.mixed_requests = 100'000;
    plan.mixed = Millis(300'000);
    return plan;
  }
  static Plan Quick() {
    Plan plan;
    plan.start = Millis(5000);
    plan.own_cost = Millis(8000);
    plan.rounds = 2;
    plan.server_load = Millis(2200);
    plan.static_batch = Millis(800);
    plan.engine_comparison = Millis(1200);
    plan.goodput_rounds = 1;
    plan.peak = Millis(1500);
    plan.overload_run_up = Millis(2000);
    plan.overload = Millis(3000);
    plan.mixed_requests = 2000;
    plan.mixed = Millis(6000);
    return plan;
  }
};

}  // namespace lingula::bench
