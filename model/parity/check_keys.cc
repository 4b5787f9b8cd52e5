// The names, types and shapes of the published state dicts, held against our networks by the rules
// of an import.
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/base/status_macros.h"
#include "model/import/checkpoint_map.h"
#include "model/nets/bert.h"
#include "model/nets/prolearn/prolearn.h"
#include "model/nets/sgseg/sgseg.h"
#include "model/parity/check.h"
#include "model/parity/count.h"

namespace lingula::parity {
namespace {

constexpr char kTextTower[] = "text_encoder.model.";

absl::StatusOr<DType> TypeNamed(absl::string_view name) {
  if (name == "float32") {
    return DType::kF32;
  }
  if (name == "int64") {
    return DType::kI64;
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown type ", std::string(name)));
}

// KEY, type and shape ("96,3,4,4"; nothing for a scalar), separated by tabs.
absl::StatusOr<ShapeMap> ReadKeys(const FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const auto lines, check.Lines());
  ShapeMap keys;
  for (const std::string& line : lines) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() < 2 || fields.size() > 3) {
      return absl::InvalidArgumentError(absl::StrCat("not KEY, type, shape: ", line));
    }
    if (keys.count(fields[0]) > 0) {
      return absl::InvalidArgumentError("twice: " + fields[0]);
    }
    StoredShape& stored = keys[fields[0]];
    LINGULA_ASSIGN_OR_RETURN(stored.dtype, TypeNamed(fields[1]));
    for (const auto extent :
         absl::StrSplit(fields.size() == 3 ? fields[2] : "", ',', absl::SkipEmpty())) {
      if (!absl::SimpleAtoi(extent, &stored.shape.emplace_back())) {
        return absl::InvalidArgumentError(absl::StrCat("not a shape: ", line));
      }
    }
  }
  return keys;
}

void AddState(const torch::nn::Module& module, const std::string& prefix, ShapeMap& state) {
  const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
    StoredShape& own = state[prefix + name];
    own.dtype = tensor.scalar_type() == torch::kInt64 ? DType::kI64 : DType::kF32;
    own.shape = tensor.sizes().vec();
  };
  for (const auto& item : module.named_parameters()) {
    add(item.key(), item.value());
  }
  for (const auto& item : module.named_buffers()) {
    add(item.key(), item.value());
  }
}

// Each line of the file is a tensor of the network or one that an import may ignore, and nothing is
// missing. Position codes are computed, but of the same shapes.
absl::Status CompareKeys(FileCheck& check, bundle::v1::Family family, const ShapeMap& network) {
  LINGULA_ASSIGN_OR_RETURN(const ShapeMap stored, ReadKeys(check));
  LINGULA_ASSIGN_OR_RETURN(const KeyPlan plan, PlanKeys(family, stored, network, true));
  check.CompareText("tensors of the network and ignored ones",
                    absl::StrCat(plan.wanted.size() + plan.ignored.size()),
                    absl::StrCat(stored.size()));
  Count types("types"), positions("shapes of position codes");
  for (const auto& [name, own] : network) {
    const auto line = stored.find("model." + name);
    const bool there = line != stored.end();
    if (absl::EndsWith(name, ".pe")) {
      positions.Expect(there && line->second.shape == own.shape, name);
    } else {
      types.Expect(there && line->second.dtype == own.dtype, name);
    }
  }
  types.Report(check);
  positions.Report(check);
  return absl::OkStatus();
}

ShapeMap SgsegState(bool detector) {
  SgsegOptions options;
  options.encoder = ConvNextOptions();
  if (detector) {
    options.locator = RtDetrOptions();
  }
  ShapeMap state;
  AddState(*Sgseg(options), "", state);
  AddState(*Bert(BertOptions()), kTextTower, state);
  return state;
}

}  // namespace

absl::Status CheckSgsegKeys(FileCheck& check) {
  return CompareKeys(check, bundle::v1::FAMILY_SGSEG, SgsegState(true));
}

absl::Status CheckLanguideKeys(FileCheck& check) {
  return CompareKeys(check, bundle::v1::FAMILY_LANGUIDE, SgsegState(false));
}

absl::Status CheckProlearnKeys(FileCheck& check) {
  ProlearnOptions options;
  options.encoder = ConvNextOptions();
  ShapeMap state;
  AddState(*Prolearn(options), "", state);
  return CompareKeys(check, bundle::v1::FAMILY_PROLEARN, state);
}

}  // namespace lingula::parity
