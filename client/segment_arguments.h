// The command line of `lingula segment`.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "client/segment_options.h"

namespace lingula::cli {

// Adds the verb to `app`, which it must outlive the parsing of.
class SegmentArguments {
 public:
  explicit SegmentArguments(CLI::App& app);
  SegmentArguments(const SegmentArguments&) = delete;
  SegmentArguments& operator=(const SegmentArguments&) = delete;

  CLI::App& verb() { return *verb_; }
  bool parsed() const { return verb_->parsed(); }
  // After parsing: settles what options leave to one another. Empty when all is well, else what is
  // wrong.
  std::string Settle();
  const SegmentOptions& options() const { return options_; }

 private:
  void AddGuidance();
  void AddResults();
  void AddInputs();
  std::string CheckResults() const;

  CLI::App* verb_;
  SegmentOptions options_;
  float threshold_ = 0;
  std::string overlay_;  // "" or "-": the folder of --out
  std::string frames_;
};

// Adds --viewer-left.
void AddViewerLeft(CLI::App& verb, v1::ViewerLeft& into);

// Empty for a number in (0, 1), else what is wrong.
std::string CheckThreshold(const std::string& text);

}  // namespace lingula::cli
