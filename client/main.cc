#include <unistd.h>

#include <iostream>

#include "client/command_line.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);  // else std::cin cannot tell what is there to be read
  return lingula::cli::Run(argc, argv, std::cin, std::cout, std::cerr, isatty(STDERR_FILENO) != 0);
}
