// What is trained: the network and the text tower that teaches it what reports mean.
#pragma once

#include "lingula/bundle/v1/manifest.pb.h"
#include "model/nets/bert.h"
#include "model/nets/sgseg/sgseg.h"

namespace lingula {

// Children net.* and text.*. The tower knows the grammar's words only; at export it becomes the
// table of 64 reports and is left behind.
class LearnerImpl : public torch::nn::Module {
 public:
  explicit LearnerImpl(const bundle::v1::Manifest& manifest);

  // All 64 reports, rows as in ReportRow(): [64, report_tokens, report_dim].
  torch::Tensor ReportTable();
  Sgseg& net() { return net_; }

 private:
  Sgseg net_;
  Bert text_;
};
TORCH_MODULE(Learner);

// Rows of the report table for zones [B, 6] (a zone counts from 0.5): int64 [B].
torch::Tensor ReportRows(const torch::Tensor& zones);

}  // namespace lingula
