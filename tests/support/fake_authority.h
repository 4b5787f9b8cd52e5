// A certificate authority for tests: real certificates, made in a millisecond.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace lingula::test {

// PEM texts.
struct Issued {
  std::string certificate, key;
};

// What a certificate says.
struct Subject {
  std::string common_name = "localhost";
  std::string alternative = "DNS:localhost,IP:127.0.0.1";  // as in OpenSSL's subjectAltName
  // From now.
  std::chrono::seconds from{-3600}, until{3600};
};

class FakeAuthority {
 public:
  FakeAuthority();
  ~FakeAuthority();

  const std::string& certificate() const { return own_.certificate; }
  Issued Issue(const Subject& subject = {});

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  Issued own_;
};

}  // namespace lingula::test
