// lingula-cluster-bench: seconds and memory of clustering at the sizes of a large data set.
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/str_format.h"
#include "model/cluster/hdbscan.h"
#include "model/cluster/kmeans.h"

namespace lingula {
namespace {

constexpr double kSecondsAllowed = 60, kMegabytesAllowed = 2000;

struct Arguments {
  size_t kmeans_points = 20000, kmeans_width = 1024, hdbscan_points = 9000, hdbscan_width = 512;
  int centres = 96, groups = 40;
  double spread = 1;
};

// Uniform in [-1, 1), the same on every machine (SplitMix64).
class Numbers {
 public:
  float Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    return static_cast<float>(static_cast<double>(z >> 11) / static_cast<double>(1ULL << 52) - 1);
  }

 private:
  uint64_t state_ = 7;
};

// Points around `groups` middles, which are farther apart the smaller `spread` is.
std::vector<float> Groups(size_t count, size_t width, int groups, double spread) {
  Numbers numbers;
  std::vector<float> middles(groups * width), points(count * width);
  for (float& value : middles) {
    value = numbers.Next();
  }
  for (size_t i = 0; i < count; ++i) {
    const size_t group = i * 7919 % groups;
    for (size_t k = 0; k < width; ++k) {
      points[i * width + k] =
          middles[group * width + k] + static_cast<float>(spread) * numbers.Next();
    }
  }
  return points;
}

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

// Prints a row; whether it is within what is allowed.
bool Measure(const std::string& what, const std::function<std::string()>& run) {
  const auto start = std::chrono::steady_clock::now();
  const std::string found = run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double memory = PeakMegabytes();
  std::cout << absl::StreamFormat("| %s | %.1f | %.0f | %s |\n", what, took.count(), memory, found);
  std::cout.flush();
  return took.count() <= kSecondsAllowed && memory <= kMegabytesAllowed;
}

std::string RunKMeans(const Arguments& a, const std::vector<float>& values) {
  const Rows<float> points(values, a.kmeans_width);
  const auto seeds = SeedCentres(points, a.centres, 1);
  if (!seeds.ok()) {
    return std::string(seeds.status().message());
  }
  const auto found = KMeans(points, Rows<float>(*seeds, a.kmeans_width));
  return found.ok()
             ? absl::StrFormat("%d iterations, inertia %.6g", found->iterations, found->inertia)
             : std::string(found.status().message());
}

std::string RunHdbscan(const Arguments& a, const std::vector<float>& values) {
  HdbscanOptions options;
  options.min_cluster_size = 15;
  const auto found = Hdbscan(Rows<float>(values, a.hdbscan_width), options);
  if (!found.ok()) {
    return std::string(found.status().message());
  }
  int32_t last = -1;
  int64_t noise = 0;
  for (const int32_t label : found->labels) {
    last = std::max(last, label);
    noise += label < 0 ? 1 : 0;
  }
  return absl::StrFormat("%d clusters, %d points noise", last + 1, noise);
}

int Main(const Arguments& a) {
  std::cout << "| what | seconds | peak MB | found |\n|---|---|---|---|\n";
  bool good = true;
  {
    const auto points = Groups(a.hdbscan_points, a.hdbscan_width, a.groups, a.spread);
    good &= Measure(absl::StrFormat("HDBSCAN, %d x %d", a.hdbscan_points, a.hdbscan_width),
                    [&] { return RunHdbscan(a, points); });
  }
  for (const double spread : {a.spread, 8 * a.spread}) {  // the second has hardly any groups
    const auto points = Groups(a.kmeans_points, a.kmeans_width, a.centres, spread);
    good &= Measure(absl::StrFormat("k-means, %d x %d, %d centres, spread %g", a.kmeans_points,
                                    a.kmeans_width, a.centres, spread),
                    [&] { return RunKMeans(a, points); });
  }
  std::cout << absl::StreamFormat("allowed: %.0f s, %.0f MB: %s\n", kSecondsAllowed,
                                  kMegabytesAllowed, good ? "kept" : "NOT KEPT");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::Arguments a;
  CLI::App app("Times k-means and HDBSCAN.", "lingula-cluster-bench");
  app.add_option("--kmeans-points", a.kmeans_points);
  app.add_option("--kmeans-width", a.kmeans_width);
  app.add_option("--hdbscan-points", a.hdbscan_points);
  app.add_option("--hdbscan-width", a.hdbscan_width);
  app.add_option("--centres", a.centres);
  app.add_option("--groups", a.groups, "groups that HDBSCAN may find");
  app.add_option("--spread", a.spread, "how wide groups are; their middles have values in [-1, 1)");
  CLI11_PARSE(app, argc, argv);
  return lingula::Main(a);
}
