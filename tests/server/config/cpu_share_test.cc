#include "server/config/cpu_share.h"

#include <gtest/gtest.h>

namespace lingula {
namespace {

struct Case {
  int cores, instances, threads;  // 0: left open
  int want_instances, want_threads;
};

TEST(CpuShareTest, Table) {
  constexpr Case kCases[] = {
      {1, 0, 0, 1, 1},  {2, 0, 0, 2, 1},  {8, 0, 0, 8, 1},  {64, 0, 0, 8, 8},
      {12, 0, 0, 8, 1}, {16, 0, 4, 4, 4}, {2, 0, 4, 1, 4},  {64, 0, 1, 64, 1},
      {16, 4, 0, 4, 4}, {2, 4, 0, 4, 1},  {16, 3, 2, 3, 2}, {2, 1, 0, 1, 2},
  };
  for (const Case& c : kCases) {
    ServerConfig config;
    config.instances = c.instances;
    config.engine_threads = c.threads;
    const CpuShare share = ShareCpu(config, c.cores);
    EXPECT_EQ(share.instances, c.want_instances)
        << c.cores << " cores, " << c.instances << " x " << c.threads;
    EXPECT_EQ(share.threads, c.want_threads)
        << c.cores << " cores, " << c.instances << " x " << c.threads;
  }
}

}  // namespace
}  // namespace lingula
