#include "model/parity/check.h"

namespace lingula::parity {

const std::vector<Check>& Checks() {
  static const std::vector<Check>& kChecks = *new std::vector<Check>{
      {"fill_vectors.json", CheckFillVectors, "keys"},
      {"sgseg.keys", CheckSgsegKeys, "keys"},
      {"languide.keys", CheckLanguideKeys, "keys"},
      {"prolearn.keys", CheckProlearnKeys, "keys"},
      {"tokenizer.jsonl", CheckTokenizer, "text"},
      {"captions64.jsonl", CheckCaptions, "text"},
      {"inputs.safetensors", CheckInputs},
      {"preprocess.safetensors", CheckPreprocess},
      {"convnext.safetensors", CheckConvNext},
      {"cxr_bert.safetensors", CheckCxrBert},
      {"text_table.safetensors", CheckTextTable},
      {"guide_a.safetensors", CheckGuideA},
      {"up_block.safetensors", CheckUpBlock},
      {"rtdetr.safetensors", CheckRtDetr},
      {"sgseg_*", CheckSgseg},
      {"languide_*", CheckLanguide},
      {"guide_b.safetensors", CheckGuideB},
      {"approx.safetensors", CheckApprox},
      {"query.safetensors", CheckQuery},
      {"biomedclip_vision.safetensors", CheckBiomedClipVision},
      {"biomedclip_text.safetensors", CheckBiomedClipText},
      {"prolearn_*", CheckProlearn},
      {"kmeans.safetensors", CheckKMeans, "learning"},
      {"hdbscan.safetensors", CheckHdbscan, "learning", "hdbscan_cases.json"},
      {"prototype_fit.safetensors", CheckPrototypeFit, "learning"},
      {"losses_monai101.safetensors", CheckLossesMonai101},
      {"losses_monai150.safetensors", CheckLossesMonai150},
      {"metrics.safetensors", CheckMetrics, "learning", "metrics.json"},
      {"train_step.safetensors", CheckTrainStep, "", "train_step.json"},
  };
  return kChecks;
}

}  // namespace lingula::parity
