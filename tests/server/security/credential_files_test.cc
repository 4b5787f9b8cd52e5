#include "server/security/credential_files.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "server/security/token.h"
#include "tests/support/fake_authority.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FollowedFiles, AreTakenWhenTheirContentChanges) {
  const test::TempFolder folder;
  std::vector<std::string> taken;
  std::vector<bool> reports;
  FollowedFiles files(
      {folder.Put("a", "1"), folder.Put("b", "2")},
      [&](std::vector<std::string> contents) {
        if (contents[1] == "bad") {
          return absl::InvalidArgumentError("bad");
        }
        taken.push_back(contents[0] + contents[1]);
        return absl::OkStatus();
      },
      [&](const absl::Status& status) { reports.push_back(status.ok()); });
  EXPECT_THAT(files.Look(), IsOk());
  folder.Put("a", "1");  // written anew, the same
  EXPECT_THAT(files.Look(), IsOk());
  EXPECT_THAT(taken, ElementsAre("12"));
  folder.Put("b", "bad");
  EXPECT_THAT(files.Look(), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(files.Look(), IsOk()) << "not tried twice";
  folder.Put("b", "3");
  EXPECT_THAT(files.Look(), IsOk());
  std::filesystem::remove(folder.At("a"));
  EXPECT_THAT(files.Look(), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files.Look(), IsOk());
  folder.Put("a", "1");
  EXPECT_THAT(files.Look(), IsOk());
  EXPECT_THAT(taken, ElementsAre("12", "13", "13"));
  EXPECT_THAT(reports, ElementsAre(true, false, true, false, true));
}

class CredentialFilesTest : public testing::Test {
 protected:
  absl::Status Open() {
    auto opened = CredentialFiles::Open(
        {folder_.At("cert.pem"), folder_.At("key.pem"), "", folder_.At("callers.textproto")},
        std::chrono::hours(1), certificates_, gate_,
        [](const char* /*kind*/, const absl::Status& /*status*/) {});
    return opened.status();
  }
  void Put(const test::Issued& issued) {
    folder_.Put("cert.pem", issued.certificate);
    folder_.Put("key.pem", issued.key);
  }

  const test::TempFolder folder_;
  test::FakeAuthority authority_;
  test::FakeClock clock_;
  ServingCertificates certificates_;
  Gate gate_{Gate::Options{Roles(), {}}, clock_, [](Refusal) {}};
};

TEST_F(CredentialFilesTest, AreThereFromTheStart) {
  const test::Issued issued = authority_.Issue();
  Put(issued);
  folder_.Put("callers.textproto",
              absl::StrCat("callers { name: \"n\" roles: ROLE_READ token_sha256: \"",
                           TokenHash("a"), "\" }"));
  EXPECT_THAT(Open(), IsOk());
  ASSERT_NE(certificates_.Get(), nullptr);
  EXPECT_EQ(certificates_.Get()->chain, issued.certificate);
  EXPECT_TRUE(std::holds_alternative<Pass>(
      gate_.Admit({"h", "Bearer a", {}}, Role::kRead, Claim::kNothing)));
}

TEST_F(CredentialFilesTest, WhatIsWrongAtTheStartEndsIt) {
  EXPECT_THAT(Open(), StatusIs(StatusCode::kNotFound, HasSubstr("cert.pem")));
  Put(authority_.Issue());
  EXPECT_THAT(Open(), StatusIs(StatusCode::kNotFound, HasSubstr("callers.textproto")));
  folder_.Put("callers.textproto", "callers { name: \"n\" }");
  EXPECT_THAT(Open(), StatusIs(StatusCode::kInvalidArgument, HasSubstr("callers.textproto:1:1")));
  folder_.Put("key.pem", authority_.Issue().key);
  EXPECT_THAT(Open(), StatusIs(StatusCode::kInvalidArgument, HasSubstr("is not the key of")));
}

}  // namespace
}  // namespace lingula
