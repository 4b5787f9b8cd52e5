#include "server/security/callers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lingula/config/v1/security.pb.h"
#include "model/base/status_macros.h"
#include "model/bundle/take.h"
#include "model/bundle/textproto.h"
#include "server/security/token.h"

namespace lingula {
namespace {

constexpr int kMostCallers = 1000;
constexpr size_t kLongestName = 64;
constexpr size_t kHashDigits = 64;

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || absl::string_view("._-@/").find(c) != std::string::npos;
         });
}

bool IsHash(const std::string& hash) {
  return hash.size() == kHashDigits && std::all_of(hash.begin(), hash.end(), absl::ascii_isxdigit);
}

bool IsSubject(const std::string& subject) {
  for (const char* kind : {"CN:", "DNS:", "URI:", "IP:", "EMAIL:"}) {
    if (absl::StartsWith(subject, kind)) {
      return subject.size() > absl::string_view(kind).size();
    }
  }
  return false;
}

KnownCaller CallerFrom(const config::v1::CallerEntry& proto, const std::string& field,
                       Textproto& text) {
  KnownCaller caller;
  caller.name = proto.name();
  if (!IsName(caller.name)) {
    text.Problem(field + ".name", "must be 1 to 64 of A-Z a-z 0-9 . _ - @ /");
  }
  for (int i = 0; i < proto.roles_size(); ++i) {
    if (const auto role = RoleFrom(proto.roles(i), absl::StrCat(field, ".roles[", i, "]"), text)) {
      caller.roles.Add(*role);
    }
  }
  if (proto.roles_size() == 0) {
    text.Problem(field + ".roles", "must be given: ROLE_SEGMENT, ROLE_READ or ROLE_ADMIN");
  }
  if (proto.token_sha256_size() == 0 && proto.certificates_size() == 0) {
    text.Problem(field, "needs token_sha256 or certificates to be known by");
  }
  if (proto.has_limits()) {
    caller.limits = LimitsFrom(proto.limits(), field + ".limits", text);
  }
  return caller;
}

}  // namespace

const char* RoleName(Role role) {
  switch (role) {
    case Role::kSegment:
      return "segment";
    case Role::kRead:
      return "read";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Role> RoleFrom(int proto, const std::string& field, Textproto& text) {
  switch (proto) {
    case config::v1::ROLE_SEGMENT:
      return Role::kSegment;
    case config::v1::ROLE_READ:
      return Role::kRead;
    case config::v1::ROLE_ADMIN:
      return Role::kAdmin;
    default:
      text.Problem(field, "must be ROLE_SEGMENT, ROLE_READ or ROLE_ADMIN");
      return std::nullopt;
  }
}

CallerLimits LimitsFrom(const config::v1::CallerLimits& proto, const std::string& field,
                        Textproto& text) {
  CallerLimits limits;
  int rate = 0;
  Take(text, field + ".calls_per_second", proto.calls_per_second(), 0, 1'000'000, rate);
  int burst = std::max(1, rate);
  Take(text, field + ".burst", proto.burst(), 1, 1'000'000, burst);
  if (text.Has(field + ".burst") && rate == 0) {
    text.Problem(field + ".burst", "means something only with calls_per_second");
  }
  Take(text, field + ".max_calls", proto.max_calls(), 0, 65536, limits.max_calls);
  Take(text, field + ".max_streams", proto.max_streams(), 0, 65536, limits.max_streams);
  limits.calls_per_second = rate;
  limits.burst = burst;
  return limits;
}

absl::StatusOr<Callers> Callers::Parse(absl::string_view content, absl::string_view file) {
  config::v1::Callers proto;
  Textproto text(content, file, proto);
  Callers callers;
  std::set<std::string> names, hashes;
  if (text.parsed() && proto.callers_size() > kMostCallers) {
    text.Problem("callers", absl::StrCat("at most ", kMostCallers, " can be told apart"));
  }
  for (int i = 0; text.parsed() && i < proto.callers_size(); ++i) {
    const config::v1::CallerEntry& entry = proto.callers(i);
    const std::string field = absl::StrCat("callers[", i, "]");
    const size_t number = callers.callers_.size();
    callers.callers_.push_back(CallerFrom(entry, field, text));
    if (!names.insert(entry.name()).second) {
      text.Problem(field + ".name", "is the name of two callers");
    }
    for (int k = 0; k < entry.token_sha256_size(); ++k) {
      const std::string hash = absl::AsciiStrToLower(entry.token_sha256(k));
      const std::string place = absl::StrCat(field, ".token_sha256[", k, "]");
      if (!IsHash(hash)) {
        text.Problem(place, "must be 64 hexadecimal digits, as `lingula-token` prints them");
      } else if (!hashes.insert(hash).second) {
        text.Problem(place, "is there twice: a token has one owner");
      }
      callers.tokens_.push_back({hash, number});
    }
    for (int k = 0; k < entry.certificates_size(); ++k) {
      const std::string place = absl::StrCat(field, ".certificates[", k, "]");
      if (!IsSubject(entry.certificates(k))) {
        text.Problem(place, "must be CN:, DNS:, URI:, IP: or EMAIL: and what follows it");
      } else if (!callers.certificates_.emplace(entry.certificates(k), number).second) {
        text.Problem(place, "is there twice: a certificate has one owner");
      }
    }
  }
  LINGULA_RETURN_IF_ERROR(text.status());
  return callers;
}

const KnownCaller* Callers::FindToken(absl::string_view token) const {
  const std::string hash = TokenHash(token);
  const KnownCaller* found = nullptr;
  for (const Token& known : tokens_) {  // all of them: how long it takes says nothing
    if (EqualInConstantTime(known.hash, hash)) {
      found = &callers_[known.caller];
    }
  }
  return found;
}

const KnownCaller* Callers::FindCertificate(const std::vector<std::string>& subjects) const {
  for (const std::string& subject : subjects) {
    const auto found = certificates_.find(subject);
    if (found != certificates_.end()) {
      return &callers_[found->second];
    }
  }
  return nullptr;
}

}  // namespace lingula
