#include "client/explain_sections.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/answer_text.h"
#include "client/explain_page.h"
#include "client/flag_words.h"

namespace lingula::cli {
namespace {

std::string Row(absl::string_view what, absl::string_view value) {
  return absl::StrCat("<tr><th>", what, "</th><td class=\"n\">", value, "</td></tr>");
}

std::string Percent(double share) {
  return absl::StrFormat("%.1f %%", 100 * share);
}

// A bar from `from` to `to`, both in [0, 1] of the whole.
std::string Bar(double from, double to, absl::string_view mark = "") {
  return absl::StrFormat("<div class=\"bar\"><i style=\"left:%.2f%%;width:%.2f%%\"></i>%s</div>",
                         100 * from, std::max(0.5, 100 * (to - from)), mark);
}

std::string DiceHtml(const v1::Quality& q) {
  if (!q.has_expected_dice()) {
    return "<p class=\"big\">n/a</p><p>Expected Dice does not apply to an empty mask.</p>";
  }
  std::string html =
      absl::StrFormat("<p><span class=\"big\">%.2f</span> expected Dice", q.expected_dice());
  if (!q.has_expected_dice_low() || !q.has_expected_dice_high()) {
    return html + ", not calibrated</p>" + Bar(0, q.expected_dice());
  }
  absl::StrAppendFormat(&html, ", %.0f %% of such masks lay in %.2f to %.2f</p>",
                        100 * q.coverage(), q.expected_dice_low(), q.expected_dice_high());
  return html + Bar(q.expected_dice_low(), q.expected_dice_high(),
                    absl::StrFormat("<b style=\"left:%.2f%%\"></b>", 100 * q.expected_dice()));
}

std::string ZoneTable(const v1::GuidanceReceipt& guidance) {
  std::string rows;
  for (const v1::ZoneProbability& zone : guidance.zones()) {
    absl::StrAppend(&rows, "<tr><th>", EscapeHtml(ZoneText(zone.zone())), "</th><td>",
                    Bar(0, zone.probability()), "</td><td class=\"n\">",
                    Percent(zone.probability()), "</td></tr>");
  }
  return rows.empty() ? "" : absl::StrCat("<table>", rows, "</table>");
}

std::string PrototypeTable(const v1::GuidanceReceipt& guidance) {
  if (guidance.prototypes().empty()) {
    return "";
  }
  std::string rows = "<tr><th>Retrieved prototype</th><th>Similarity</th></tr>";
  for (const v1::RetrievedPrototype& prototype : guidance.prototypes()) {
    const std::string pool = prototype.zone() == v1::ZONE_UNSPECIFIED
                                 ? absl::StrCat("pool ", prototype.label())
                                 : ZoneText(prototype.zone());
    absl::StrAppend(&rows, Row(absl::StrCat(EscapeHtml(pool), ", number ", prototype.index()),
                               absl::StrFormat("%.4f", prototype.similarity())));
  }
  return absl::StrFormat(
      "<table>%s</table><p class=\"dim\">The last one is %.3g ahead of the best one left out: "
      "close to 0, the choice was a matter of chance.</p>",
      rows, guidance.prototype_margin());
}

std::string GuidanceHtml(const v1::GuidanceReceipt& guidance) {
  static const auto& modes = *new std::map<v1::GuidanceMode, const char*>{
      {v1::GUIDANCE_MODE_GENERATED_REPORT, "A report that the network wrote from the image"},
      {v1::GUIDANCE_MODE_PROTOTYPES, "Prototypes that the network retrieved for the image"},
      {v1::GUIDANCE_MODE_REPORT, "The caller's report"}};
  const auto mode = modes.find(guidance.mode());
  std::string html = absl::StrCat("<p>", mode == modes.end() ? "Not known" : mode->second, ".</p>",
                                  ZoneTable(guidance), PrototypeTable(guidance));
  if (!guidance.model_input_report().empty()) {
    absl::StrAppend(&html, "<blockquote>", EscapeHtml(guidance.model_input_report()),
                    "<p class=\"dim\">Model input, verbatim; not a finding. In it &quot;left&quot; "
                    "is the viewer's left.</p></blockquote>");
  }
  return html;
}

}  // namespace

std::string FlagsHtml(const v1::SegmentResponse& answer) {
  std::string html;
  for (const int number : answer.flags()) {
    const auto flag = static_cast<v1::Flag>(number);
    absl::StrAppend(&html, "<p class=\"flag\"><strong>", FlagName(flag), "</strong> ",
                    FlagMeaning(flag), "</p>");
  }
  return html;
}

std::string QualitySection(const v1::SegmentResponse& answer) {
  const v1::Quality& q = answer.quality();
  std::string rows = Row("Area of the mask", Percent(q.area_share()));
  if (q.component_count() > 0) {
    rows += Row("Parts", absl::StrCat(q.component_count()));
  }
  if (q.has_presence_probability()) {
    rows += Row("Something is there", Percent(q.presence_probability()));
  }
  if (q.has_guidance_agreement()) {
    rows += Row("Mask inside the zones that guided it", Percent(q.guidance_agreement()));
  }
  rows += Row("Mean entropy", absl::StrFormat("%.3f bits", q.mean_entropy_bits()));
  if (q.has_boundary_entropy_bits()) {
    rows +=
        Row("Entropy along the outline", absl::StrFormat("%.3f bits", q.boundary_entropy_bits()));
  }
  if (q.has_outlier_percentile()) {
    rows += Row("Further from the model's data than", Percent(q.outlier_percentile()) + " of it");
  }
  return absl::StrCat("<section><h2>How far to trust it</h2>", DiceHtml(q), "<table>", rows,
                      "</table></section>");
}

std::string GuidanceSection(const v1::SegmentResponse& answer) {
  return absl::StrCat("<section><h2>What guided the mask</h2>", GuidanceHtml(answer.guidance()),
                      "</section>");
}

std::string SecondOpinionSection(const v1::SegmentResponse& answer) {
  if (!answer.has_second_opinion()) {
    return "";
  }
  const v1::SecondOpinion& second = answer.second_opinion();
  const std::string zones = ChangedZonesText(answer);
  return absl::StrCat(
      "<section><h2>Second opinion</h2>",
      second.has_dice()
          ? absl::StrFormat("<p><span class=\"big\">%.2f</span> Dice of both masks</p>",
                            second.dice())
          : "<p>Both masks are empty.</p>",
      second.has_dice() ? Bar(0, second.dice()) : "",
      "<p>The mask under the guidance that came second: how much does the guidance matter "
      "here?</p>",
      zones.empty() ? GuidanceHtml(second.guidance())
                    : absl::StrCat("<p>The mask that would have been drawn, ", zones, ".</p>"),
      "</section>");
}

std::string TimingSection(const v1::SegmentResponse& answer) {
  const v1::TimingReceipt& timing = answer.timing();
  const std::vector<std::pair<const char*, uint32_t>> stages = {
      {"Decode", timing.decode_us()},
      {"Preprocess", timing.preprocess_us()},
      {"Queue", timing.queue_us()},
      {"Network", timing.infer_us()},
      {"Postprocess", timing.postprocess_us()},
      {"Encode", timing.encode_us()}};
  double sum = 0;
  for (const auto& stage : stages) {
    sum += stage.second;
  }
  const double whole = std::max({sum, static_cast<double>(timing.total_us()), 1.0});
  std::string rows;
  double from = 0;
  for (const auto& [name, us] : stages) {
    absl::StrAppendFormat(&rows, "<tr><th>%s</th><td>%s</td><td class=\"n\">%.2f ms</td></tr>",
                          name, Bar(from / whole, (from + us) / whole), us / 1000.0);
    from += us;
  }
  return absl::StrFormat(
      "<section><h2>Where the time went</h2><table>%s<tr><th>In all</th><td></td>"
      "<td class=\"n\">%.2f ms</td></tr></table><p class=\"dim\">Samples in the batch: %d</p>"
      "</section>",
      rows, timing.total_us() / 1000.0, timing.batch_size());
}

std::string ModelSection(const v1::SegmentResponse& answer) {
  const v1::ModelIdentity& model = answer.model();
  return absl::StrCat("<section><h2>Model</h2><table>", Row("Name", EscapeHtml(model.name())),
                      Row("Version", EscapeHtml(model.version())),
                      Row("Family", EscapeHtml(model.family())),
                      Row("Threshold", absl::StrFormat("%.3g", answer.threshold())),
                      "</table><p class=\"dim\">SHA-256 of its weights: <code>",
                      EscapeHtml(model.weights_sha256()), "</code></p></section>");
}

}  // namespace lingula::cli
