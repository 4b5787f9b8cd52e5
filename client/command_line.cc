#include "client/command_line.h"

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "client/admin_verbs.h"
#include "client/answer_text.h"
#include "client/client.h"
#include "client/compare_verb.h"
#include "client/explain_verb.h"
#include "client/input_files.h"
#include "client/query_verbs.h"
#include "client/segment_arguments.h"
#include "client/segment_options.h"
#include "client/segment_verb.h"
#include "client/server_arguments.h"
#include "client/stream_verb.h"

namespace lingula::cli {
namespace {

const std::map<std::string, v1::StreamPolicy>& PolicyNames() {
  static const auto& names = *new std::map<std::string, v1::StreamPolicy>{
      {"every-frame", v1::STREAM_POLICY_EVERY_FRAME}, {"freshest", v1::STREAM_POLICY_FRESHEST}};
  return names;
}

// Everything that the command line can say.
struct Words {
  ServerOptions server;
  StreamOptions stream;
  CompareOptions compare;
  ExplainOptions explain;
  HealthOptions health;
  bool models_json = false;
};

CLI::App* AddStream(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("stream", "Segment the frames of a video");
  StreamOptions& stream = words.stream;
  verb->add_option("VIDEO", stream.input,
                   "A video file, a folder of images, or - for JPEG pictures on standard input")
      ->required();
  verb->add_option("--server", words.server.target, "Server, HOST:PORT")->capture_default_str();
  AddSecurity(*verb, words.server.security);
  verb->add_option("--model", stream.model, "NAME or NAME@VERSION; default: the server's");
  verb->add_option("--policy", stream.policy,
                   "When frames come too fast: hold them back, or drop all but the freshest")
      ->transform(CLI::CheckedTransformer(PolicyNames()).description(""))
      ->type_name("every-frame|freshest");
  verb->add_option("--fps", stream.fps,
                   "Frames a second; default: the video's own; 0: as fast as they are taken")
      ->check(CLI::Range(0.0, 1000.0));
  verb->add_option("--max-age-ms", stream.max_frame_age_ms,
                   "Drop frames that get older than this; default: none")
      ->check(CLI::Range(1, 60000));
  verb->add_option("--smoothing", stream.smoothing,
                   "Weight of the frames before in a mask; default: 0, none")
      ->check(CLI::Range(0.0, 0.95));
  verb->add_option("--out", stream.out,
                   "Write frames with their masks into a folder, FILE.avi or FILE.mjpeg");
  verb->add_option("--threshold", stream.threshold,
                   "Probability from which a pixel belongs to the mask, in (0, 1)")
      ->check(CheckThreshold);
  verb->add_flag("--json", stream.json, "One JSON object a frame, and one for the summary");
  return verb;
}

CLI::App* AddExplain(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand(
      "explain", "Segment one image and write a page about the answer, with nothing outside it");
  AddServer(*verb, words.server);
  ExplainOptions& explain = words.explain;
  verb->add_option("IMAGE", explain.input, "PNG, JPEG or DICOM file")->required();
  verb->add_option("-o,--out", explain.page, "HTML file to write")->required();
  verb->add_option("--model", explain.model, "NAME or NAME@VERSION; default: the server's");
  verb->add_option("--frame", explain.frame, "Of a DICOM file with several, from 1")
      ->check(CLI::PositiveNumber);
  AddViewerLeft(*verb, explain.viewer_left);
  return verb;
}

CLI::App* AddCompare(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("compare", "Compare two masks; needs no server");
  verb->add_option("MASK", words.compare.one, "PNG file; a pixel is inside unless it is 0")
      ->required();
  verb->add_option("OTHER", words.compare.other, "PNG file of the same size")->required();
  verb->add_flag("--json", words.compare.json, "One JSON object");
  return verb;
}

// Parses; an exit code when there is nothing more to do.
std::optional<int> Parse(CLI::App& app, std::vector<std::string> words, std::ostream& out,
                         std::ostream& err) {
  std::reverse(words.begin(), words.end());  // CLI11 wants the last word first
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? kAllWell : kUsage;
  }
  return std::nullopt;
}

}  // namespace

int Run(int argc, const char* const* argv, std::istream& in, std::ostream& out, std::ostream& err,
        bool err_is_terminal) {
  Words words;
  CLI::App app("Client of the Lingula segmentation service. Research use only.", "lingula");
  app.require_subcommand(1);
  SegmentArguments segment(app);
  AddServer(segment.verb(), words.server);
  CLI::App* stream = AddStream(app, words);
  CLI::App* compare = AddCompare(app, words);
  CLI::App* explain = AddExplain(app, words);
  CLI::App* models = app.add_subcommand("models", "List the models that the server has loaded");
  AddServer(*models, words.server);
  models->add_flag("--json", words.models_json, "JSON instead of a table");
  CLI::App* health = app.add_subcommand("health", "Ask whether the server is serving");
  AddServer(*health, words.server);
  health->add_option("--service", words.health.service,
                     "A gRPC service or model; default: the server");
  health->add_flag("--alive", words.health.alive,
                   "Any answer will do, also that it is not serving");
  AdminVerbs admin(app);

  const std::vector<std::string> arguments(argv + 1, argv + std::max(argc, 1));
  if (const auto code = Parse(app, SettleOverlay(arguments), out, err)) {
    return *code;
  }
  if (compare->parsed()) {
    return Compare(words.compare, out, err);
  }
  if (const std::string problem = segment.Settle(); segment.parsed() && !problem.empty()) {
    err << problem << "\n";
    return kUsage;
  }
  if (admin.parsed()) {
    return admin.Run(out, err);
  }
  const auto client = Client::Connect(ClientOptionsFrom(words.server));
  if (!client.ok()) {
    err << InWords(client.status()) << "\n";
    return absl::IsUnavailable(client.status()) ? kNotReachable : kUsage;
  }
  if (models->parsed()) {
    return ListModels(**client, words.server, words.models_json, out, err);
  }
  if (health->parsed()) {
    return Health(**client, words.server, words.health, out, err);
  }
  if (stream->parsed()) {
    return Stream(**client, words.stream, in, out, err, err_is_terminal);
  }
  if (explain->parsed()) {
    return Explain(**client, words.server, words.explain, out, err);
  }
  return Segment(**client, words.server, segment.options(), out, err, err_is_terminal);
}

}  // namespace lingula::cli
