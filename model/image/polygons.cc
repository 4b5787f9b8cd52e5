#include "model/image/polygons.h"

#include <array>

namespace lingula {
namespace {

// Right, down, left, up: each is a right turn of the one before, y pointing down.
constexpr std::array<int, 4> kStepX = {1, 0, -1, 0};
constexpr std::array<int, 4> kStepY = {0, 1, 0, -1};

bool Inside(const cv::Mat& mask, int x, int y) {
  return x >= 0 && y >= 0 && x < mask.cols && y < mask.rows && mask.at<uint8_t>(y, x) != 0;
}

// A point between pixels and a way to leave it.
struct Edge {
  int x = 0, y = 0, direction = 0;
  bool operator==(const Edge& other) const {
    return x == other.x && y == other.y && direction == other.direction;
  }
};

// Whether the mask lies to the right of an edge and not to its left.
bool IsOutline(const cv::Mat& mask, const Edge& edge) {
  // Of the four pixels around the edge's start, those beside the edge: by its direction.
  constexpr std::array<int, 4> kRightX = {0, -1, -1, 0}, kRightY = {0, 0, -1, -1};
  constexpr std::array<int, 4> kLeftX = {0, 0, -1, -1}, kLeftY = {-1, 0, 0, -1};
  const int d = edge.direction;
  return Inside(mask, edge.x + kRightX[d], edge.y + kRightY[d]) &&
         !Inside(mask, edge.x + kLeftX[d], edge.y + kLeftY[d]);
}

// The outline's edge after `edge`. Where two pixels touch at a corner, the right turn keeps to one.
Edge Next(const cv::Mat& mask, const Edge& edge) {
  Edge next = {edge.x + kStepX[edge.direction], edge.y + kStepY[edge.direction], 0};
  for (const int turn : {1, 0, 3}) {
    next.direction = (edge.direction + turn) % 4;
    if (IsOutline(mask, next)) {
      break;
    }
  }
  return next;
}

MaskPolygon Trace(const cv::Mat& mask, const Edge& start, cv::Mat& traced) {
  MaskPolygon polygon;
  int64_t twice_area = 0;  // positive when clockwise
  Edge edge = start;
  int before = -1;
  do {
    if (edge.direction != before) {
      polygon.xy.push_back(static_cast<uint32_t>(edge.x));
      polygon.xy.push_back(static_cast<uint32_t>(edge.y));
    }
    if (edge.direction == 0) {
      traced.at<uint8_t>(edge.y, edge.x) = 1;
    }
    twice_area +=
        int64_t{edge.x} * kStepY[edge.direction] - int64_t{edge.y} * kStepX[edge.direction];
    before = edge.direction;
    edge = Next(mask, edge);
  } while (!(edge == start));
  polygon.hole = twice_area < 0;
  return polygon;
}

}  // namespace

std::vector<MaskPolygon> TracePolygons(const cv::Mat& mask) {
  std::vector<MaskPolygon> polygons;
  // Every outline has an edge that runs to the right, and the first one met is at a corner.
  cv::Mat traced = cv::Mat::zeros(mask.size(), CV_8UC1);
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      const Edge edge = {x, y, 0};
      if (traced.at<uint8_t>(y, x) == 0 && IsOutline(mask, edge)) {
        polygons.push_back(Trace(mask, edge, traced));
      }
    }
  }
  return polygons;
}

}  // namespace lingula
