// How long each part of lingula-bench measures. Everything is limited by time, not by counts, so
// that a run ends when it said it would, however slow the machine is.
#pragma once

#include <chrono>

namespace lingula::bench {

struct Plan {
  using Millis = std::chrono::milliseconds;

  Millis start;              // server up, first answer, two engines loaded: a guess
  Millis own_cost;           // calls one by one
  int rounds;                // of the two parts below: each measures all its sides once a round
  Millis server_load;        // saturated server, a round
  Millis static_batch;       // engine alone, for each batch size, a round
  Millis engine_comparison;  // each of the three engines, a round

  static Plan Full() {
    return {Millis(6000), Millis(60000), 5, Millis(6000), Millis(2500), Millis(3000)};
  }
  static Plan Quick() {
    return {Millis(5000), Millis(8000), 2, Millis(2200), Millis(800), Millis(1200)};
  }
};

}  // namespace lingula::bench
