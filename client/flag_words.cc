#include "client/flag_words.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace lingula::cli {

std::string FlagName(v1::Flag flag) {
  const std::string name = v1::Flag_Name(flag);
  return name.empty() ? absl::StrCat("FLAG ", static_cast<int>(flag))
                      : name.substr(sizeof("FLAG_") - 1);
}

const char* FlagMeaning(v1::Flag flag) {
  static const auto& meanings = *new std::map<v1::Flag, const char*>{
      {v1::FLAG_LOW_CONFIDENCE, "The expected Dice is below the model's limit."},
      {v1::FLAG_EMPTY_MASK, "No pixel reached the threshold: the model found nothing."},
      {v1::FLAG_UNCALIBRATED, "The expected Dice is a bare estimate; no calibration fits here."},
      {v1::FLAG_GUIDANCE_CONFLICT, "The mask and the guidance behind it disagree."},
      {v1::FLAG_LOSSY_INPUT, "The image came through lossy compression."},
      {v1::FLAG_OUT_OF_DISTRIBUTION,
       "The image is unlike those that the model was made from: no figure here may hold."},
      {v1::FLAG_BURNED_IN_TEXT,
       "Text is burned into the pixels: this page may show who the patient is."},
      {v1::FLAG_WRONG_MODALITY, "The file says that it shows something else than the model reads."},
      {v1::FLAG_WRONG_VIEW, "Not a frontal view of the chest."},
      {v1::FLAG_PHOTOMETRIC_FALLBACK,
       "The file does not say how its values become grey levels; they were spread."}};
  const auto found = meanings.find(flag);
  return found == meanings.end() ? "This program does not know what it means." : found->second;
}

}  // namespace lingula::cli
