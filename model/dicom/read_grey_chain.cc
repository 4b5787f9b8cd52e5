#include <algorithm>
#include <cmath>
#include <string>

#include <dcmtk/dcmdata/dcdeftag.h>

#include "model/dicom/attributes.h"
#include "model/dicom/grey_levels.h"

namespace lingula {
namespace {

// A LUT of a sequence item; none where it is damaged. C.11.1.1: its first value has the sign of
// what goes in.
std::optional<LookupTable> ReadTable(DcmItem& item, bool signed_input) {
  const std::optional<int64_t> count = IntAt(item, DCM_LUTDescriptor, 0);
  const std::optional<int64_t> first = IntAt(item, DCM_LUTDescriptor, 1);
  const std::optional<int64_t> bits = IntAt(item, DCM_LUTDescriptor, 2);
  if (!count.has_value() || !first.has_value() || !bits.has_value()) {
    return std::nullopt;
  }
  LookupTable table;
  // Written as a signed 16-bit number or not, whatever it should have been.
  const auto low_bits = static_cast<uint16_t>(*first);
  table.first = signed_input ? static_cast<int16_t>(low_bits) : low_bits;
  table.bits = static_cast<int>(*bits);
  table.entries = WordsAt(item, DCM_LUTData);
  const size_t wanted = static_cast<uint16_t>(*count) == 0 ? 65536 : static_cast<uint16_t>(*count);
  if (table.bits < 8 || table.bits > 16 || table.entries.empty()) {
    return std::nullopt;
  }
  if (table.bits == 8 && table.entries.size() == (wanted + 1) / 2 && wanted > 1) {
    // Two entries of 8 bits in a word.
    const std::vector<uint16_t> words = std::move(table.entries);
    table.entries.clear();
    for (size_t i = 0; i < wanted; ++i) {
      table.entries.push_back(i % 2 == 0 ? words[i / 2] & 0xff : words[i / 2] >> 8);
    }
  }
  if (table.entries.size() < wanted) {
    return std::nullopt;
  }
  table.entries.resize(wanted);
  return table;
}

WindowShape ShapeOf(DcmItem& item) {
  const std::string name = CodeAt(item, DCM_VOILUTFunction);
  return name == "SIGMOID"        ? WindowShape::kSigmoid
         : name == "LINEAR_EXACT" ? WindowShape::kLinearExact
                                  : WindowShape::kLinear;
}

// The first window; none and a contradiction where it has no sensible width.
void TakeWindow(DcmItem& item, GreyChain& chain) {
  const std::optional<double> center = NumberAt(item, DCM_WindowCenter);
  const std::optional<double> width = NumberAt(item, DCM_WindowWidth);
  if (!center.has_value() && !width.has_value()) {
    return;
  }
  const WindowShape shape = ShapeOf(item);
  const bool sensible = center.has_value() && width.has_value() &&
                        (shape == WindowShape::kLinear ? *width >= 1 : *width > 0);
  if (sensible) {
    chain.window = Window{*center, *width, shape};
  } else {
    chain.contradiction = true;
  }
}

// What holds for one frame of a file with functional groups (C.7.6.16), else for the whole file.
DcmItem& GroupOf(DcmItem& attributes, int frame, const DcmTagKey& group) {
  DcmItem* own = ItemAt(attributes, DCM_PerFrameFunctionalGroupsSequence, frame - 1);
  DcmItem* shared = ItemAt(attributes, DCM_SharedFunctionalGroupsSequence);
  for (DcmItem* groups : {own, shared}) {
    if (DcmItem* found = groups == nullptr ? nullptr : ItemAt(*groups, group)) {
      return *found;
    }
  }
  return attributes;
}

void TakeModality(DcmItem& attributes, const PixelLayout& layout, int frame, GreyChain& chain) {
  if (DcmItem* item = ItemAt(attributes, DCM_ModalityLUTSequence)) {
    chain.modality = ReadTable(*item, layout.is_signed);
    chain.contradiction |= !chain.modality.has_value();
  }
  DcmItem& group = GroupOf(attributes, frame, DCM_PixelValueTransformationSequence);
  chain.slope = NumberAt(group, DCM_RescaleSlope).value_or(1);
  chain.intercept = NumberAt(group, DCM_RescaleIntercept).value_or(0);
  if (chain.slope == 0) {
    chain.slope = 1;
    chain.contradiction = true;
  }
}

void TakeVoi(DcmItem& attributes, const PixelLayout& layout, int frame, GreyChain& chain) {
  DcmItem& group = GroupOf(attributes, frame, DCM_FrameVOILUTSequence);
  if (DcmItem* item = ItemAt(group, DCM_VOILUTSequence)) {
    const bool signed_input =
        !chain.modality.has_value() && (layout.is_signed || chain.intercept < 0);
    chain.voi = ReadTable(*item, signed_input);
    chain.contradiction |= !chain.voi.has_value();
  }
  if (!chain.voi.has_value()) {
    TakeWindow(group, chain);
  }
  const bool plain = !chain.modality.has_value() && chain.slope == 1 && chain.intercept == 0;
  chain.as_stored = !chain.voi.has_value() && !chain.window.has_value() && !chain.contradiction &&
                    plain && !layout.is_signed && layout.bits_stored <= 8;
}

void TakeShape(DcmItem& attributes, const PixelLayout& layout, GreyChain& chain) {
  const bool low_is_white = layout.photometric == Photometric::kMonochrome1;
  const std::string shape = CodeAt(attributes, DCM_PresentationLUTShape);
  chain.inverse = shape == "INVERSE" || (shape != "IDENTITY" && low_is_white);
  chain.contradiction |= chain.inverse != low_is_white;
}

// A stored value as the pixels have it: attributes write negative ones with or without a sign.
int64_t Stored(int64_t value, const PixelLayout& layout) {
  return layout.is_signed ? static_cast<int16_t>(value) : static_cast<uint16_t>(value);
}

void TakePadding(DcmItem& attributes, const PixelLayout& layout, GreyChain& chain) {
  const std::optional<int64_t> value = IntAt(attributes, DCM_PixelPaddingValue);
  if (!value.has_value()) {
    return;
  }
  const int64_t one = Stored(*value, layout);
  const int64_t other =
      Stored(IntAt(attributes, DCM_PixelPaddingRangeLimit).value_or(*value), layout);
  chain.padding_low = std::min(one, other);
  chain.padding_high = std::max(one, other);
}

}  // namespace

GreyChain ReadGreyChain(DcmItem& attributes, const PixelLayout& layout, int frame) {
  GreyChain chain;
  TakeModality(attributes, layout, frame, chain);
  TakeVoi(attributes, layout, frame, chain);
  TakeShape(attributes, layout, chain);
  TakePadding(attributes, layout, chain);
  return chain;
}

}  // namespace lingula
