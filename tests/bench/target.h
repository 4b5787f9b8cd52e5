// The server that is asked, wherever it runs.
#pragma once

#include <sys/types.h>

#include <string>

namespace lingula::bench {

struct Target {
  std::string grpc;     // host:port
  std::string metrics;  // host:port; empty: not known
  pid_t pid = 0;        // 0: not a process of this machine that we know
};

}  // namespace lingula::bench
