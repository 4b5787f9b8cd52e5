// What callers may do and how much they may take.
#pragma once

#include <initializer_list>

namespace lingula {

// No role contains another.
enum class Role : unsigned { kSegment = 1, kRead = 2, kAdmin = 4 };

// "segment", "read", "admin".
const char* RoleName(Role role);

class Roles {
 public:
  Roles() = default;
  Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) {
      Add(role);
    }
  }
  static Roles All() { return {Role::kSegment, Role::kRead, Role::kAdmin}; }

  void Add(Role role) { bits_ |= static_cast<unsigned>(role); }
  bool Has(Role role) const { return (bits_ & static_cast<unsigned>(role)) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  unsigned bits_ = 0;
};

// Of one caller; 0: no limit.
struct CallerLimits {
  double calls_per_second = 0;
  double burst = 1;  // calls, at least 1; without meaning when calls_per_second is 0
  int max_calls = 0;
  int max_streams = 0;

  bool Any() const { return calls_per_second > 0 || max_calls > 0 || max_streams > 0; }
};

}  // namespace lingula
