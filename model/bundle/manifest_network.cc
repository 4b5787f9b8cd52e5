#include "model/bundle/manifest_network.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "model/base/zones.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;
using google::protobuf::RepeatedField;

constexpr int kStages = 4;       // of an encoder, and of the decoder
constexpr int kGuides = 3;       // guide layers
constexpr int kTokens = 24;      // of a report: the grammar's (model/text/report_grammar.h)
constexpr int kMaxWidth = 4096;  // of anything: wider networks are a typing mistake
constexpr int kMaxDepth = 64;
constexpr int kMaxVocabulary = 1 << 20;

// Checks the fields of one message; `prefix` is its path with a full stop at the end.
class Fields {
 public:
  Fields(Textproto& text, const std::string& prefix) : text_(text), prefix_(prefix) {}

  std::string Path(absl::string_view field) const { return absl::StrCat(prefix_, field); }
  void Problem(absl::string_view field, absl::string_view what) {
    text_.Problem(Path(field), what);
  }
  void Range(absl::string_view field, uint32_t value, int low, int high) {
    text_.CheckRange(Path(field), value, low, high);
  }
  void Width(absl::string_view field, uint32_t value) { Range(field, value, 1, kMaxWidth); }
  // Exactly `count` values, each in [1, kMaxWidth]; true when they may be looked at one by one.
  bool Sizes(absl::string_view field, const RepeatedField<uint32_t>& sizes, int count) {
    if (sizes.size() != count) {
      Problem(field, absl::StrCat("must have ", count, " values, got ", sizes.size()));
      return false;
    }
    for (int i = 0; i < count; ++i) {
      Width(absl::StrCat(field, "[", i, "]"), sizes[i]);
    }
    return true;
  }
  void Divides(absl::string_view field, uint32_t heads, absl::string_view what, uint32_t width) {
    if (heads > 0 && width % heads != 0) {
      Problem(field, absl::StrCat("must divide ", what, " ", width, ", got ", heads));
    }
  }
  void Scale(absl::string_view field, float value) {
    if (!(value >= 0.1F && value <= 4.0F)) {
      Problem(field, absl::StrCat("must be in [0.1, 4], got ", value));
    }
  }

 private:
  Textproto& text_;
  const std::string prefix_;
};

// Encoder, decoder and head, which all families have in common.
template <typename Spec>
void CheckTrunk(Textproto& text, const std::string& name, const Spec& spec) {
  Fields fields(text, name + ".");
  if (spec.has_convnext()) {
    fields.Sizes("convnext.depths", spec.convnext().depths(), kStages);
    fields.Sizes("convnext.widths", spec.convnext().widths(), kStages);
  } else if (spec.has_mobilenet_v2()) {
    fields.Scale("mobilenet_v2.width", spec.mobilenet_v2().width());
  } else {
    text.Problem(name, "needs an encoder: convnext or mobilenet_v2");
  }
  const auto& widths = spec.decoder_widths();
  const bool four = fields.Sizes("decoder_widths", widths, kStages);
  for (int i = 1; four && i < kStages; ++i) {
    if (widths[i - 1] != uint64_t{2} * widths[i]) {
      fields.Problem(
          absl::StrCat("decoder_widths[", i, "]"),
          absl::StrCat("must be half of the one before, ", widths[i - 1], ", got ", widths[i]));
    }
  }
  fields.Width("cross_heads", spec.cross_heads());
  for (int i = 0; four && i < kGuides; ++i) {
    fields.Divides("cross_heads", spec.cross_heads(), "decoder width", widths[i]);
  }
  fields.Width("head_channels", spec.head_channels());
}

void CheckLocation(Textproto& text, const bundle::v1::LocationSpec& location) {
  Fields fields(text, "sgseg.location.");
  fields.Width("dim", location.dim());
  fields.Width("heads", location.heads());
  fields.Divides("heads", location.heads(), "location.dim", location.dim());
  fields.Range("layers", location.layers(), 0, kMaxDepth);
  if (location.queries() != 1 && location.queries() != kZones) {
    fields.Problem("queries", absl::StrCat("must be 1 or ", kZones, ", got ", location.queries()));
  }
}

void CheckRtDetr(Textproto& text, const bundle::v1::RtDetr& rtdetr, uint32_t side) {
  Fields fields(text, "sgseg.rtdetr.");
  fields.Scale("backbone_width", rtdetr.backbone_width());
  fields.Width("hidden", rtdetr.hidden());
  if (rtdetr.hidden() % 4 != 0) {
    fields.Problem("hidden", absl::StrCat("must be a multiple of 4, got ", rtdetr.hidden()));
  }
  const uint32_t tokens = side / 8 * (side / 8) + side / 16 * (side / 16) + side / 32 * (side / 32);
  fields.Range("queries", rtdetr.queries(), 1, static_cast<int>(tokens));
  fields.Range("layers", rtdetr.layers(), 1, kMaxDepth);
  fields.Width("heads", rtdetr.heads());
  fields.Divides("heads", rtdetr.heads(), "hidden", rtdetr.hidden());
  fields.Range("points", rtdetr.points(), 1, kMaxDepth);
  fields.Width("feed_forward", rtdetr.feed_forward());
  fields.Width("classes", rtdetr.classes());
}

void CheckBert(Textproto& text, const bundle::v1::BertSpec& bert, uint32_t report_dim) {
  Fields fields(text, "sgseg.text_encoder.");
  fields.Range("vocabulary", bert.vocabulary(), 5, kMaxVocabulary);
  fields.Range("positions", bert.positions(), kTokens, kMaxWidth);
  fields.Width("hidden", bert.hidden());
  if (bert.hidden() != report_dim) {
    fields.Problem("hidden", absl::StrCat("must equal sgseg.report_dim ", report_dim, ", got ",
                                          bert.hidden()));
  }
  fields.Width("heads", bert.heads());
  fields.Divides("heads", bert.heads(), "hidden", bert.hidden());
  fields.Range("layers", bert.layers(), 1, kMaxDepth);
  fields.Width("feed_forward", bert.feed_forward());
}

void CheckSgseg(Textproto& text, const Manifest& manifest) {
  const bundle::v1::SgsegSpec& sgseg = manifest.sgseg();
  CheckTrunk(text, "sgseg", sgseg);
  Fields fields(text, "sgseg.");
  fields.Sizes("guide_text_tokens", sgseg.guide_text_tokens(), kGuides);
  fields.Range("report_tokens", sgseg.report_tokens(), kTokens, kTokens);
  fields.Width("report_dim", sgseg.report_dim());
  const bool detects = manifest.family() == bundle::v1::FAMILY_SGSEG;
  if (sgseg.has_location() && detects) {
    CheckLocation(text, sgseg.location());
  } else if (sgseg.has_rtdetr() && detects) {
    CheckRtDetr(text, sgseg.rtdetr(), manifest.input().side_px());
  } else if (detects) {
    text.Problem("sgseg", "needs a locator: location or rtdetr");
  } else if (sgseg.locator_case() != bundle::v1::SgsegSpec::LOCATOR_NOT_SET) {
    text.Problem("sgseg", "must have no locator in family languide");
  }
  if (sgseg.has_text_encoder()) {
    CheckBert(text, sgseg.text_encoder(), sgseg.report_dim());
  }
}

void CheckVit(Textproto& text, const bundle::v1::VisionTransformer& vit, uint32_t side) {
  Fields fields(text, "prolearn.vit.");
  fields.Range("patch", vit.patch(), 1, kMaxWidth);
  if (vit.patch() > 0 && side % vit.patch() != 0) {
    fields.Problem("patch",
                   absl::StrCat("must divide input.side_px ", side, ", got ", vit.patch()));
  }
  fields.Width("dim", vit.dim());
  fields.Range("depth", vit.depth(), 1, kMaxDepth);
  fields.Width("heads", vit.heads());
  fields.Divides("heads", vit.heads(), "dim", vit.dim());
  fields.Width("feed_forward", vit.feed_forward());
}

void CheckFeatureQuery(Textproto& text, const bundle::v1::FeatureQuery& own) {
  Fields fields(text, "prolearn.own.");
  fields.Width("dim", own.dim());
  fields.Width("heads", own.heads());
  fields.Divides("heads", own.heads(), "dim", own.dim());
  fields.Range("layers", own.layers(), 0, kMaxDepth);
  fields.Range("queries", own.queries(), 1, kMaxDepth);
}

void CheckProlearn(Textproto& text, const Manifest& manifest) {
  const bundle::v1::ProlearnSpec& prolearn = manifest.prolearn();
  CheckTrunk(text, "prolearn", prolearn);
  if (prolearn.has_vit()) {
    CheckVit(text, prolearn.vit(), manifest.input().side_px());
  } else if (prolearn.has_own()) {
    CheckFeatureQuery(text, prolearn.own());
  } else {
    text.Problem("prolearn", "needs a query encoder: vit or own");
  }
  Fields fields(text, "prolearn.");
  fields.Width("labels", prolearn.labels());
  fields.Width("prototypes", prolearn.prototypes());
  fields.Width("query_dim", prolearn.query_dim());
  fields.Width("response_dim", prolearn.response_dim());
  fields.Divides("cross_heads", prolearn.cross_heads(), "response_dim", prolearn.response_dim());
  const uint64_t rows = uint64_t{prolearn.labels()} * prolearn.prototypes();
  fields.Range("top_k", prolearn.top_k(), 1, static_cast<int>(rows < kMaxDepth ? rows : kMaxDepth));
  if (!bundle::v1::Similarity_IsValid(prolearn.similarity()) || prolearn.similarity() == 0) {
    fields.Problem("similarity", "must be SIMILARITY_COSINE or SIMILARITY_EUCLIDEAN");
  }
  if (!bundle::v1::Response_IsValid(prolearn.response()) || prolearn.response() == 0) {
    fields.Problem("response", "must be RESPONSE_TOKENS or RESPONSE_WEIGHTED_SUM");
  }
}

}  // namespace

void CheckNetwork(Textproto& text, const Manifest& manifest) {
  switch (manifest.family()) {
    case bundle::v1::FAMILY_SGSEG:
    case bundle::v1::FAMILY_LANGUIDE:
      if (manifest.has_sgseg()) {
        return CheckSgseg(text, manifest);
      }
      return text.Problem("sgseg", "is missing: the sizes of the network");
    case bundle::v1::FAMILY_PROLEARN:
      if (manifest.has_prolearn()) {
        return CheckProlearn(text, manifest);
      }
      return text.Problem("prolearn", "is missing: the sizes of the network");
    default:
      text.Problem("family", "must be FAMILY_SGSEG, FAMILY_PROLEARN or FAMILY_LANGUIDE");
  }
}

}  // namespace lingula
