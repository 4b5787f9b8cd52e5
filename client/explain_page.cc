#include "client/explain_page.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "client/explain_sections.h"
#include "client/explain_style.h"
#include "client/mask_shapes.h"
#include "model/base/zones.h"

namespace lingula::cli {
namespace {

std::string MaskLayer(const Masks& masks, const char* layer) {
  if (std::none_of(masks.begin(), masks.end(),
                   [](const v1::Mask& m) { return m.has_polygons(); })) {
    return "";
  }
  return absl::StrCat("<path class=\"", layer, "\" fill-rule=\"evenodd\" d=\"", SvgPath(masks),
                      "\"/>");
}

std::string ZoneLayer(const PageInput& input) {
  constexpr int kRows = 3;
  constexpr double kEnds[kRows + 1] = {0, kUpperZoneEnd, kMiddleZoneEnd, 1};
  const auto& zones = input.answer.guidance().zones();
  if (zones.size() != kZones) {
    return "";
  }
  const int w = input.picture.width, h = input.picture.height;
  std::string layer = "<g class=\"zones\">";
  const double middle = w * kZoneMidline;
  absl::StrAppendFormat(&layer, "<line x1=\"%.0f\" y1=\"0\" x2=\"%.0f\" y2=\"%d\"/>", middle,
                        middle, h);
  for (int row = 1; row < kRows; ++row) {
    absl::StrAppendFormat(&layer, "<line x1=\"0\" y1=\"%.0f\" x2=\"%d\" y2=\"%.0f\"/>",
                          h * kEnds[row], w, h * kEnds[row]);
  }
  for (const v1::ZoneProbability& zone : zones) {
    const int at = static_cast<int>(zone.zone()) - 1;  // image left, from above, then image right
    const double centre = (kEnds[at % kRows] + kEnds[at % kRows + 1]) / 2;
    absl::StrAppendFormat(&layer, "<text%s x=\"%d\" y=\"%.0f\" font-size=\"%d\">%.0f %%</text>",
                          zone.probability() >= kZoneThreshold ? " class=\"on\"" : "",
                          w * (2 * (at / kRows) + 1) / 4, h * centre, std::max(8, w / 22),
                          100 * zone.probability());
  }
  return layer + "</g>";
}

// What is left and right in a picture, under it.
std::string Sides(const PageInput& input) {
  const v1::ViewerLeft left = ViewerLeftOf(input);
  const char* whose[] = {"", ""};
  if (left == v1::VIEWER_LEFT_IS_PATIENT_RIGHT) {
    whose[0] = " (patient's right)";
    whose[1] = " (patient's left)";
  } else if (left == v1::VIEWER_LEFT_IS_PATIENT_LEFT) {
    whose[0] = " (patient's left)";
    whose[1] = " (patient's right)";
  }
  return absl::StrCat("<div class=\"sides\"><span>← image left", whose[0],
                      "</span><span>image right", whose[1], " →</span></div>");
}

std::string CheckBox(const char* layer, const char* text) {
  return absl::StrFormat(
      "<label><input type=\"checkbox\" id=\"show-%s\" checked=\"checked\"/>%s</label>", layer,
      text);
}

std::string PictureSection(const PageInput& input) {
  const v1::SegmentResponse& answer = input.answer;
  const std::string zones = ZoneLayer(input);
  const std::string second = MaskLayer(answer.second_opinion().masks(), "second");
  std::string html = absl::StrFormat(
      "<section><h2>Image and mask</h2><div class=\"view\"><img src=\"%s\" alt=\"The image\"/>"
      "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"The mask over the image\">",
      input.picture.data_uri, input.picture.width, input.picture.height);
  absl::StrAppend(&html, MaskLayer(answer.masks(), "mask"), second, zones, "</svg></div>",
                  Sides(input),
                  "<div class=\"controls\"><label>Mask <input type=\"range\" id=\"opacity\" "
                  "min=\"0\" max=\"100\" value=\"40\" aria-label=\"Opacity of the mask\"/></label>",
                  CheckBox("outline", "outline"),
                  second.empty() ? "" : CheckBox("second", "second opinion (dashed)"),
                  zones.empty() ? "" : CheckBox("zones", "zones"), "</div>");
  if (!zones.empty()) {
    html +=
        "<p class=\"dim\">Zones are drawn where they lie in most pictures, with the probability "
        "that "
        "the network gave to each; the lungs of this one were not measured.</p>";
  }
  return html + "</section>";
}

std::string ProbabilitySection(const PageInput& input) {
  return absl::StrFormat(
      "<section><h2>Probability of each pixel</h2><div class=\"view\"><img src=\"%s\" "
      "alt=\"Probability of each pixel\"/></div>%s<div class=\"legend\" "
      "style=\"background:linear-gradient(90deg,%s)\"></div><div class=\"sides\"><span>0</span>"
      "<span>the mask holds what reaches %.3g</span><span>1</span></div></section>",
      input.probabilities.data_uri, Sides(input), ProbabilityGradient(), input.answer.threshold());
}

std::string Head(const PageInput& input) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>"
      "<meta charset=\"utf-8\"/>"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/><title>",
      EscapeHtml(input.name), " - Lingula</title>\n<style>", kPageStyle, "</style></head>\n");
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  std::string escaped = absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
  escaped.erase(std::remove_if(escaped.begin(), escaped.end(),
                               [](unsigned char c) { return c < ' ' && c != '\n' && c != '\t'; }),
                escaped.end());
  return escaped;
}

v1::ViewerLeft ViewerLeftOf(const PageInput& input) {
  const v1::ViewerLeft told = input.answer.dicom().viewer_left();
  return told == v1::VIEWER_LEFT_UNSPECIFIED ? input.viewer_left : told;
}

std::string ExplainPage(const PageInput& input) {
  const v1::SegmentResponse& answer = input.answer;
  const std::string frame =
      answer.dicom().frame_count() > 1
          ? absl::StrFormat("<p class=\"dim\">Frame %d of %d</p>", answer.dicom().frame_number(),
                            answer.dicom().frame_count())
          : "";
  return absl::StrCat(
      Head(input), "<body><header><h1>", EscapeHtml(input.name), "</h1>", frame,
      "<p class=\"notice\"><strong>", EscapeHtml(answer.notice()),
      "</strong> The mask and every figure here are estimates of a network.</p>",
      answer.location().sentence().empty()
          ? ""
          : absl::StrCat("<p class=\"sentence\">", EscapeHtml(answer.location().sentence()),
                         "</p>"),
      "</header>\n<main>", FlagsHtml(answer), "<div class=\"grid\">", PictureSection(input),
      ProbabilitySection(input), "</div>\n<div class=\"grid\">", QualitySection(answer),
      GuidanceSection(answer), "</div>\n<div class=\"grid\">", SecondOpinionSection(answer),
      TimingSection(answer), ModelSection(answer),
      "</div></main>\n<footer><p class=\"dim\">"
      "Made by lingula explain. This page needs nothing but itself.</p></footer><script>",
      kPageScript, "</script></body></html>\n");
}

}  // namespace lingula::cli
