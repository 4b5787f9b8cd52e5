// lingula-console: a page in the browser that shows what the service makes of a picture or a video.
// Exit code 0 after SIGTERM or SIGINT, 1 it cannot work, 2 usage.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "client/console/handlers.h"
#include "client/console/http_door.h"
#include "client/console/limits.h"
#include "client/console/page_files.h"
#include "client/console/service.h"
#include "client/console/video_exchange.h"
#include "client/interruption.h"
#include "client/server_arguments.h"
#include "model/base/status_macros.h"

namespace lingula::console {
namespace {

constexpr int kUsage = 2;
constexpr std::chrono::hours kForever{24 * 365};

struct Flags {
  cli::ServerOptions server;
  std::string host = "127.0.0.1";
  int port = 8600;
  std::vector<std::string> names;
};

void AddRoutes(HttpDoor& door, Service& service, std::atomic<int>& playing) {
  for (const PageFile& file : PageFiles()) {
    door.Get(file.path, [&file](const HttpRequest&) {
      return HttpReply{200, file.type, std::string(file.content)};
    });
  }
  door.Get("/api/about", [&](const HttpRequest&) { return About(service); });
  door.Get("/api/status", [&](const HttpRequest&) { return Status(service); });
  door.Get("/api/models", [&](const HttpRequest&) { return Models(service); });
  door.Get("/api/card", [&](const HttpRequest& request) { return Card(service, request); });
  door.Post("/api/segment", kMaxImageBytes,
            [&](const HttpRequest& request, const std::string& file) {
              return Segment(service, request, file);
            });
  door.Post("/api/picture", kMaxImageBytes,
            [&](const HttpRequest& request, const std::string& file) {
              return Picture(service, request, file);
            });
  door.Exchanges("/api/video", kVideoReplyType, [&](const HttpRequest& request) {
    return OpenVideoExchange(service, playing, request);
  });
}

absl::Status Serve(const Flags& flags) {
  const cli::Interruption interruption;
  Service service(cli::ClientOptionsFrom(flags.server));
  // A server that is away now may come; wrong options of the client will not get better.
  const absl::Status reached = service.Reach().status();
  if (!reached.ok() && !absl::IsUnavailable(reached)) {
    return reached;
  }
  std::atomic<int> playing = 0;
  HttpDoor door({flags.names});
  AddRoutes(door, service, playing);
  LINGULA_ASSIGN_OR_RETURN(const int port, door.Listen(flags.host, flags.port));
  if (flags.host != "127.0.0.1" && flags.host != "localhost" && flags.host != "::1") {
    std::cerr << "lingula-console: everybody who reaches " << flags.host << ":" << port
              << " can send pictures through this console; it asks nobody who they are\n";
  }
  if (!reached.ok()) {
    std::cerr << "lingula-console: " << reached.message() << "; the page waits for it\n";
  }
  std::cout << "{\"http_port\":" << port << "}\n" << std::flush;
  std::cerr << "Open http://" << (flags.host == "0.0.0.0" ? "127.0.0.1" : flags.host) << ":" << port
            << "/ in a browser. Research use only.\n";
  std::thread serving([&] { door.Serve(); });
  while (interruption.SleepUntil(Clock::Real().Now() + kForever)) {
  }
  // Nothing is stored and nothing half done matters, so nobody waits for pages and videos.
  std::_Exit(EXIT_SUCCESS);
}

}  // namespace
}  // namespace lingula::console

int main(int argc, char** argv) {
  lingula::console::Flags flags;
  CLI::App app("Shows in a browser what the Lingula service makes of pictures. Research use only.",
               "lingula-console");
  lingula::cli::AddServer(app, flags.server);
  app.add_option("--port", flags.port, "Port of the page, 0: any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--host", flags.host,
                 "Address to listen on; others than this machine's own open it to the network")
      ->capture_default_str();
  app.add_option("--allow-host", flags.names,
                 "Name by which browsers may call it, besides localhost and IP addresses");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : lingula::console::kUsage;
  }
  const absl::Status status = lingula::console::Serve(flags);
  if (!status.ok()) {
    std::cerr << "lingula-console: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
