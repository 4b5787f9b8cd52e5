// chaos-load: callers who keep calling with the default retry policy, for tests that hurt servers.
// It is spoken to in lines: "more N" is answered by {"answered":M} once N more calls have come
// back; "stop", or the end of its input, ends it with one line of figures.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/client.h"
#include "model/base/file.h"
#include "model/base/mutex.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

struct Arguments {
  std::string target, image, model;
  int callers = 4;
  int deadline_ms = 20000;
};

// What became of the calls.
class Ledger {
 public:
  void Add(const absl::StatusOr<v1::SegmentResponse>& answer, std::chrono::nanoseconds took)
      ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++calls_;
    longest_ = std::max(longest_, took);
    if (!answer.ok()) {
      ++failed_[std::string(answer.status().message()).substr(0, 200)];
      ++codes_[absl::StatusCodeToString(answer.status().code())];
    } else if (mask_.empty()) {
      mask_ = answer->masks(0).png();
    } else if (answer->masks(0).png() != mask_) {
      ++codes_["another mask"];  // of the same picture
    }
    more_.NotifyAll();
  }
  int WaitForMore(int more) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    for (const int until = calls_ + more; calls_ < until;) {
      more_.Wait(mu_);
    }
    return calls_;
  }
  nlohmann::json Figures() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(longest_).count();
    return {{"calls", calls_}, {"codes", codes_}, {"failed", failed_}, {"longest_ms", ms}};
  }

 private:
  Mutex mu_;
  CondVar more_;
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
  std::chrono::nanoseconds longest_ ABSL_GUARDED_BY(mu_){0};
  std::string mask_ ABSL_GUARDED_BY(mu_);  // the first one
  std::map<std::string, int> failed_ ABSL_GUARDED_BY(mu_), codes_ ABSL_GUARDED_BY(mu_);
};

void CallUntil(const std::atomic<bool>& enough, Client& client, const v1::SegmentRequest& request,
               Ledger& ledger) {
  while (!enough) {
    const Instant begin = Clock::Real().Now();
    const auto answer = client.Segment(request);
    ledger.Add(answer, Clock::Real().Now() - begin);
  }
}

absl::Status Run(const Arguments& a) {
  v1::SegmentRequest request;
  LINGULA_ASSIGN_OR_RETURN(*request.mutable_image()->mutable_encoded(), ReadFile(a.image));
  request.set_model(a.model);
  ClientOptions options;
  options.target = a.target;
  options.deadline = std::chrono::milliseconds(a.deadline_ms);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < a.callers; ++i) {
    LINGULA_ASSIGN_OR_RETURN(auto client, Client::Connect(options));
    clients.push_back(std::move(client));
  }
  Ledger ledger;
  std::atomic<bool> enough{false};
  std::vector<std::thread> callers;
  for (const auto& client : clients) {
    callers.emplace_back([&] { CallUntil(enough, *client, request, ledger); });
  }
  for (std::string line; std::getline(std::cin, line) && line != "stop";) {
    int more = 0;
    std::istringstream(line.substr(line.find(' ') + 1)) >> more;
    std::cout << nlohmann::json{{"answered", ledger.WaitForMore(more)}} << std::endl;
  }
  enough = true;
  for (std::thread& caller : callers) {
    caller.join();
  }
  std::cout << ledger.Figures() << std::endl;
  return absl::OkStatus();
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::Arguments arguments;
  CLI::App app("Calls servers, for tests that hurt them.", "chaos-load");
  app.add_option("--target", arguments.target, "gRPC target of one or several servers")->required();
  app.add_option("--image", arguments.image, "what to send")->required();
  app.add_option("--model", arguments.model, "which model");
  app.add_option("--callers", arguments.callers, "that call side by side");
  app.add_option("--deadline-ms", arguments.deadline_ms, "of a call, retries included");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = lingula::Run(arguments);
  if (!status.ok()) {
    std::cerr << "chaos-load: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
