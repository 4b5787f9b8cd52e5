#include <chrono>
#include <iostream>

#include "client/client.h"
#include "model/base/file.h"

int main() {
  const auto file = lingula::ReadFile("tests/testdata/xray/a2eba651.jpg");
  const auto client = lingula::Client::Connect({});  // 127.0.0.1:8500
  if (!file.ok() || !client.ok()) {
    std::cerr << file.status() << "\n" << client.status() << "\n";
    return 1;
  }
  lingula::v1::SegmentRequest request;
  request.mutable_image()->set_encoded(*file);
  request.set_want_location_text(true);
  request.set_viewer_left(lingula::v1::VIEWER_LEFT_IS_PATIENT_RIGHT);
  const auto answer = (*client)->Segment(request, std::chrono::seconds(5));
  if (!answer.ok()) {
    std::cerr << answer.status() << "\n";
    return 1;
  }
  std::cout << answer->location().sentence()
            << " Expected Dice: " << answer->quality().expected_dice() << "\n";
  return lingula::WriteFile("mask.png", answer->masks(0).png()).ok() ? 0 : 1;
}
