#include "tests/bench/others.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace lingula::bench {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double SecondsOf(int who) {
  rusage used{};
  getrusage(who, &used);
  return SecondsOf(used.ru_utime) + SecondsOf(used.ru_stime);
}

}  // namespace

OthersAtWork::OthersAtWork() : start_(Now()) {}

OthersAtWork::Seconds OthersAtWork::Now() {
  Seconds now;
  std::ifstream stat("/proc/stat");
  std::string name;
  stat >> name;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  // user nice system idle iowait irq softirq steal
  for (int column = 0; column < 8; ++column) {
    double value = 0;
    stat >> value;
    const bool idle = column == 3 || column == 4;
    now.all += value / ticks;
    now.busy += idle ? 0 : value / ticks;
  }
  now.ours = SecondsOf(RUSAGE_SELF) + SecondsOf(RUSAGE_CHILDREN);
  return now;
}

double OthersAtWork::Share() const {
  const Seconds now = Now();
  const double all = now.all - start_.all;
  const double others = (now.busy - start_.busy) - (now.ours - start_.ours);
  return all > 0 ? std::clamp(others / all, 0.0, 1.0) : 0;
}

}  // namespace lingula::bench
