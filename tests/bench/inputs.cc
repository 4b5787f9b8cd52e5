#include "tests/bench/inputs.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/image/pixels.h"
#include "tests/model/image/synthetic.h"

namespace lingula::bench {
namespace {

constexpr int kSide = 1024;

Input Make(std::string key, std::string name) {
  Input input;
  input.key = std::move(key);
  input.name = std::move(name);
  input.request.set_request_id("lingula-bench");
  input.request.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
  return input;
}

void SetRaw(int side, Input& input) {
  const cv::Mat picture = test::FakeXray(side, side);
  v1::RawImage& raw = *input.request.mutable_image()->mutable_raw();
  raw.set_width(static_cast<unsigned>(side));
  raw.set_height(static_cast<unsigned>(side));
  raw.set_format(v1::PIXEL_FORMAT_GRAY8);
  raw.set_data(picture.data, picture.total());
}

// The first 33 bytes of a PNG file: signature and header, which declares 65535 x 65535 pixels.
std::string HugePng() {
  std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  png += std::string("\0\0\xff\xff\0\0\xff\xff\x08\0\0\0\0", 13);
  return png + std::string(4, '\0');
}

Input Bad(std::string name, std::string file,
          grpc::StatusCode expected = grpc::StatusCode::INVALID_ARGUMENT) {
  Input input = Make("", std::move(name));
  input.request.mutable_image()->set_encoded(std::move(file));
  input.expected = expected;
  return input;
}

absl::StatusOr<Picture> Decode(const v1::Image& image, int channels) {
  if (image.has_encoded()) {
    return DecodeImage(absl::string_view(image.encoded()), channels, {});
  }
  RawPixels raw;
  raw.width = image.raw().width();
  raw.height = image.raw().height();
  raw.data = absl::string_view(image.raw().data());
  return TakePixels(raw, channels, {});
}

}  // namespace

Input Jpeg1024() {
  Input input = Make("jpeg1024_", "JPEG file of 1024 x 1024");
  input.request.mutable_image()->set_encoded(test::MakeJpeg(test::FakeXray(kSide, kSide)));
  return input;
}

Input Raw1024() {
  Input input = Make("raw1024_", "grey pixels, 1024 x 1024");
  SetRaw(kSide, input);
  return input;
}

Input RawOfSide(int side_px) {
  Input input = Make("", absl::StrCat("grey pixels, ", side_px, " x ", side_px));
  SetRaw(side_px, input);
  return input;
}

Input TensorOf(const Sample& sample, const InputSpec& spec) {
  const auto side = static_cast<unsigned>(spec.side_px);
  Input input = Make("", absl::StrCat("tensor, ", side, " x ", side));
  v1::ImageTensor& tensor = *input.request.mutable_image()->mutable_tensor();
  for (const unsigned size : {static_cast<unsigned>(spec.channels), side, side}) {
    tensor.add_shape(size);
  }
  tensor.set_data(sample.pixels.data(), sample.pixels.size() * sizeof(float));
  return input;
}

std::vector<Input> BadInputs() {
  const std::string jpeg = test::MakeJpeg(test::FakeXray(kSide / 4, kSide / 4));
  std::vector<Input> bad = {
      Bad("half a JPEG file", jpeg.substr(0, jpeg.size() / 2)),
      Bad("text instead of a picture", std::string(2000, 'x')), Bad("an empty file", ""),
      Bad("a PNG header of 65535 x 65535", HugePng(), grpc::StatusCode::OUT_OF_RANGE),
      Bad("an unknown model", jpeg, grpc::StatusCode::NOT_FOUND)};
  bad.back().request.set_model("no-such-model");
  Input few = RawOfSide(64);
  few.name = "fewer pixels than declared";
  few.request.mutable_image()->mutable_raw()->mutable_data()->resize(64);
  few.expected = grpc::StatusCode::INVALID_ARGUMENT;
  bad.push_back(std::move(few));
  return bad;
}

absl::StatusOr<Sample> Prepare(const Input& input, const InputSpec& spec) {
  if (input.request.image().has_tensor()) {
    const std::string& bytes = input.request.image().tensor().data();
    Sample sample;
    sample.pixels.resize(bytes.size() / sizeof(float));
    std::memcpy(sample.pixels.data(), bytes.data(), bytes.size());
    return sample;
  }
  LINGULA_ASSIGN_OR_RETURN(const Picture picture, Decode(input.request.image(), spec.channels));
  Sample sample;
  LINGULA_ASSIGN_OR_RETURN(sample.pixels, Preprocess(picture.pixels, spec));
  return sample;
}

}  // namespace lingula::bench
