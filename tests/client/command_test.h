// What tests of `lingula`'s command line share: a folder for files, and a run with what it printed.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "client/command_line.h"
#include "tests/support/temp_folder.h"

namespace lingula::test {

// Runs `lingula` with these words. `out` and `err` hold what it printed, and nothing of before.
inline int RunCommand(std::vector<std::string> words, std::istream& in, std::ostringstream& out,
                      std::ostringstream& err, bool terminal = false) {
  words.insert(words.begin(), "lingula");
  std::vector<const char*> argv;
  for (const std::string& word : words) {
    argv.push_back(word.c_str());
  }
  out.str("");
  err.str("");
  return cli::Run(static_cast<int>(argv.size()), argv.data(), in, out, err, terminal);
}

inline std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

class CommandTest : public testing::Test {
 protected:
  std::string At(const std::string& name) const { return folder_.At(name); }
  std::string Put(const std::string& name, const std::string& content) const {
    return folder_.Put(name, content);
  }
  int Run(const std::vector<std::string>& words, bool terminal = false) {
    return RunCommand(words, in_, out_, err_, terminal);
  }

  const TempFolder folder_;
  std::istringstream in_;
  std::ostringstream out_, err_;
};

}  // namespace lingula::test
