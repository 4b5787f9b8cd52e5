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
  int stream_rounds;
  Millis streams;           // each number of streams, a round
  bool raw_streams;         // also with pixels instead of files
  int allocation_requests;  // of each kind
  Millis allocations;       // a guess
  Millis growth;            // each cell of its tables

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
    plan.stream_rounds = 3;
    plan.streams = Millis(3400);
    plan.raw_streams = true;
    plan.allocation_requests = 500;
    plan.allocations = Millis(30'000);
    plan.growth = Millis(2000);
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
    plan.stream_rounds = 1;
    plan.streams = Millis(2000);
    plan.raw_streams = false;
    plan.allocation_requests = 50;
    plan.allocations = Millis(6000);
    plan.growth = Millis(700);
    return plan;
  }
};

}  // namespace lingula::bench
