#include "tests/bench/eager.h"

#include <exception>
#include <iostream>
#include <optional>

#include <torch/torch.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/backend/network_options.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/nets/sgseg/sgseg.h"
#include "model/train/report_tower.h"

namespace lingula::bench {
namespace {

// float32, contiguous, nothing folded, the allocator and the threads as they come. The reports'
// keys and values are computed once here too: what is compared is the way of running the network.
class EagerNet {
 public:
  static absl::StatusOr<EagerNet> Load(const std::string& folder) {
    LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
    EagerNet eager(bundle.manifest);
    LINGULA_RETURN_IF_ERROR(LoadState(*eager.net_, bundle.weights));
    eager.net_->eval();
    LINGULA_ASSIGN_OR_RETURN(const TensorView view, bundle.reports->Get("table"));
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor table, ToTensor(view));
    const torch::NoGradGuard no_grad;
    eager.text_ = eager.net_->ProjectText(table);
    return eager;
  }

  double ImagesPerSecond(int batch, std::chrono::milliseconds duration) {
    const torch::NoGradGuard no_grad;
    const auto side = net_->options().side;
    const auto image = torch::randn({batch, 3, side, side});
    Forward(image);  // the first one prepares
    const auto start = std::chrono::steady_clock::now();
    std::chrono::duration<double> gone{};
    int images = 0;
    while (gone < duration) {
      Forward(image);
      images += batch;
      gone = std::chrono::steady_clock::now() - start;
    }
    return images / gone.count();
  }

 private:
  explicit EagerNet(const bundle::v1::Manifest& manifest) : net_(SgsegOptionsFrom(manifest)) {}

  void Forward(const torch::Tensor& image) {
    const auto features = net_->Encode(image);
    const auto zones = torch::sigmoid(net_->Locate(image, features).zones);
    const auto text = SelectRows(text_, ReportRows(zones));
    torch::sigmoid(net_->Decode(features, text, torch::Tensor()));
  }

  Sgseg net_;
  ReportKeysValues text_;
};

absl::Status Obey(const std::string& bundle) {
  std::optional<EagerNet> net;
  int64_t milliseconds = 0;
  int batch = 0;
  while (std::cin >> milliseconds >> batch) {
    if (!net.has_value()) {
      LINGULA_ASSIGN_OR_RETURN(net, EagerNet::Load(bundle));
    }
    std::cout << net->ImagesPerSecond(batch, std::chrono::milliseconds(milliseconds)) << std::endl;
  }
  return absl::OkStatus();
}

}  // namespace

int RunEager(const std::string& bundle) {
  try {
    const absl::Status status = Obey(bundle);
    if (!status.ok()) {
      std::cerr << "eager network: " << status.message() << "\n";
    }
    return status.ok() ? 0 : 1;
  } catch (const std::exception& error) {  // c10::Error
    std::cerr << "eager network: " << error.what() << "\n";
    return 1;
  }
}

absl::StatusOr<EagerChild> EagerChild::Start(const std::string& bundle) {
  LINGULA_ASSIGN_OR_RETURN(
      auto child, Child::Start({"/usr/bin/env", "-u", "OMP_WAIT_POLICY", "-u", "GOMP_SPINCOUNT",
                                absl::StrCat(OwnFolder(), "/lingula-bench"), kEagerFlag, bundle}));
  return EagerChild(std::move(child));
}

absl::StatusOr<double> EagerChild::ImagesPerSecond(int batch, std::chrono::milliseconds duration) {
  LINGULA_RETURN_IF_ERROR(child_->WriteLine(absl::StrCat(duration.count(), " ", batch)));
  LINGULA_ASSIGN_OR_RETURN(const std::string line, child_->ReadLine(std::chrono::seconds(120)));
  double rate = 0;
  if (!absl::SimpleAtod(line, &rate) || rate <= 0) {
    return absl::InternalError(absl::StrCat("eager network: no rate: ", line));
  }
  return rate;
}

}  // namespace lingula::bench
