#include "server/security/certificates.h"

#include <gmock/gmock.h>

#include "tests/support/fake_authority.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using std::chrono::seconds;
using std::chrono::system_clock;
using test::StatusIs;
using testing::HasSubstr;

class CertificatesTest : public testing::Test {
 protected:
  absl::StatusOr<CertificateSet> Check(const std::string& chain, const std::string& key,
                                       const std::string& client_ca = "") {
    return CheckCertificates(chain, key, client_ca, system_clock::now());
  }

  test::FakeAuthority authority_;
  const test::Issued good_ = authority_.Issue();
};

TEST_F(CertificatesTest, AGoodSetSaysWhenItEnds) {
  const auto before = system_clock::now();
  const auto set = Check(good_.certificate, good_.key, authority_.certificate());
  ASSERT_THAT(set, test::IsOk());
  EXPECT_EQ(set->chain, good_.certificate);
  EXPECT_EQ(set->key, good_.key);
  EXPECT_EQ(set->client_ca, authority_.certificate());
  EXPECT_LE(set->not_after, before + seconds(3601));
  EXPECT_GE(set->not_after, before + seconds(3500));
}

TEST_F(CertificatesTest, AChainEndsWithTheFirstOfIt) {
  test::Subject brief;
  brief.until = seconds(600);
  const auto set = Check(good_.certificate + authority_.Issue(brief).certificate, good_.key);
  ASSERT_THAT(set, test::IsOk());
  EXPECT_LE(set->not_after, system_clock::now() + seconds(601));
}

TEST_F(CertificatesTest, HalvesOfFilesAreRefused) {
  for (size_t length = 0; length < good_.certificate.size() - 2; length += 7) {
    EXPECT_THAT(Check(good_.certificate.substr(0, length), good_.key),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("certificate_file")))
        << length;
  }
  for (size_t length = 0; length < good_.key.size() - 2; length += 7) {
    EXPECT_THAT(Check(good_.certificate, good_.key.substr(0, length)),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("key_file")))
        << length;
  }
  const std::string half = authority_.certificate().substr(0, 100);
  EXPECT_THAT(Check(good_.certificate, good_.key, half),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("client_ca_file")));
  EXPECT_THAT(Check(good_.certificate + half, good_.key),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("behind the first")));
}

TEST_F(CertificatesTest, AKeyOfAnotherCertificateIsRefused) {
  EXPECT_THAT(Check(good_.certificate, authority_.Issue().key),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("is not the key of")));
}

TEST_F(CertificatesTest, WhatIsOutOfDateIsRefused) {
  test::Subject past, future;
  past.until = seconds(-60);
  future.from = seconds(60);
  const test::Issued old = authority_.Issue(past), early = authority_.Issue(future);
  EXPECT_THAT(Check(old.certificate, old.key),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("certificate_file: good from")));
  EXPECT_THAT(Check(early.certificate, early.key), StatusIs(StatusCode::kInvalidArgument));
}

TEST_F(CertificatesTest, NoMessageHoldsAKey) {
  const auto status = Check(good_.key, good_.key).status();
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("PRIVATE")));
}

}  // namespace
}  // namespace lingula
