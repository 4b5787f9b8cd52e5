// Mixed precision on the processor for the life of an object.
#pragma once

namespace lingula {

// Convolutions and matrix products run in bfloat16 while an enabled one lives. One thread.
class Autocast {
 public:
  explicit Autocast(bool enabled);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  const bool enabled_;
};

}  // namespace lingula
