#include "tests/bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace lingula::bench {
namespace {

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void Become(const std::vector<char*>& arguments, int input, int output) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_DFL);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

std::string OwnFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

absl::StatusOr<std::unique_ptr<Child>> Child::Start(const std::vector<std::string>& arguments) {
  std::vector<char*> bare;
  for (const std::string& argument : arguments) {
    bare.push_back(const_cast<char*>(argument.c_str()));
  }
  bare.push_back(nullptr);
  int to_child[2], from_child[2];
  if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0) {
    return absl::InternalError(absl::StrCat("pipe: ", std::strerror(errno)));
  }
  const pid_t pid = fork();
  if (pid < 0) {
    return absl::InternalError(absl::StrCat("fork: ", std::strerror(errno)));
  }
  if (pid == 0) {
    Become(bare, to_child[0], from_child[1]);
  }
  close(to_child[0]);
  close(from_child[1]);
  return std::unique_ptr<Child>(new Child(arguments[0], pid, to_child[1], from_child[0]));
}

Child::~Child() {
  Stop().IgnoreError();
  close(input_);
  close(output_);
}

absl::StatusOr<std::string> Child::ReadLine(std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    if (const size_t stop = unread_.find('\n'); stop != std::string::npos) {
      const std::string line = unread_.substr(0, stop);
      unread_.erase(0, stop + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{output_, POLLIN, 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return absl::DeadlineExceededError(
          absl::StrCat(name_, " said nothing for ", limit.count(), " s"));
    }
    char buffer[4096];
    const ssize_t got = read(output_, buffer, sizeof(buffer));
    if (got == 0) {
      return absl::UnavailableError(absl::StrCat(name_, " could not run or ended early"));
    }
    if (got > 0) {
      unread_.append(buffer, static_cast<size_t>(got));
    }
  }
}

absl::Status Child::WriteLine(absl::string_view line) {
  const std::string text = absl::StrCat(line, "\n");
  if (write(input_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return absl::UnavailableError(absl::StrCat(name_, " has ended: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Status Child::Stop() {
  if (pid_ == 0) {
    return absl::OkStatus();
  }
  kill(pid_, SIGTERM);
  int how = 0;
  while (waitpid(pid_, &how, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  if (WIFEXITED(how) && WEXITSTATUS(how) == 0) {
    return absl::OkStatus();
  }
  return absl::UnknownError(
      absl::StrCat(name_, " did not end well: ", WIFEXITED(how) ? "exit status " : "signal ",
                   WIFEXITED(how) ? WEXITSTATUS(how) : WTERMSIG(how)));
}

}  // namespace lingula::bench
