// How busy a machine was with work that is not ours: the first thing to know about any timing.
#pragma once

namespace lingula::bench {

// Counts from its construction on.
class OthersAtWork {
 public:
  OthersAtWork();
  // Share of all cores' time, in [0, 1], that neither idled nor went to this process and to
  // children that have ended; time taken by other virtual machines counts as theirs.
  double Share() const;

 private:
  struct Seconds {
    double all = 0, busy = 0, ours = 0;
  };
  static Seconds Now();

  const Seconds start_;
};

}  // namespace lingula::bench
