#include "model/train/data_manifest.h"

#include <string>

#include <gmock/gmock.h>

#include "model/text/report_grammar.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Zones by their digits, image-left upper first.
ZoneBits Zones(const char* digits) {
  ZoneBits zones;
  for (int i = 0; i < kZones; ++i) {
    zones[i] = digits[i] == '1';
  }
  return zones;
}

class DataManifestTest : public testing::Test {
 protected:
  absl::StatusOr<std::vector<DataRow>> Read(const std::string& csv, const std::string& split = "") {
    test::Put(Path(), csv);
    return ReadDataManifest(Path(), split);
  }
  std::string Path() const { return folder_.path() + "/data.csv"; }
  std::string Beside(const std::string& name) const { return folder_.path() + "/" + name; }
  test::TempFolder folder_;
};

TEST_F(DataManifestTest, ReadsColumnsInAnyOrder) {
  const auto rows = Read(
      "split,mask, image ,ignored,group,zones\n"
      "train,m/1.png,i/1.png,x,p7,100001\n"
      "val,/abs/2.png,../i/2.png,,,000000\n");
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].image, Beside("i/1.png"));
  EXPECT_EQ((*rows)[0].mask, Beside("m/1.png"));
  EXPECT_EQ((*rows)[0].group, "p7");
  EXPECT_EQ((*rows)[0].split, "train");
  EXPECT_EQ((*rows)[0].line, 2);
  EXPECT_EQ((*rows)[0].zones, Zones("100001"));
  EXPECT_EQ((*rows)[1].mask, "/abs/2.png");
  EXPECT_EQ((*rows)[1].zones, Zones("000000"));
}

TEST_F(DataManifestTest, Quotes) {
  const auto rows = Read(
      "image,mask,report\r\n"
      "\"a, b.png\",\"say \"\"m\"\".png\",\"two\nlines\"\r\n"
      "\r\n"
      "c.png,d.png,\"\"\r\n");
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].image, Beside("a, b.png"));
  EXPECT_EQ((*rows)[0].mask, Beside("say \"m\".png"));
  EXPECT_EQ((*rows)[0].line, 2);
  EXPECT_EQ((*rows)[1].mask, Beside("d.png"));
  EXPECT_EQ((*rows)[1].line, 5);  // the quoted line break and the empty line count
  EXPECT_FALSE((*rows)[1].zones.has_value());
}

TEST_F(DataManifestTest, ZonesComeFromZonesElseFromTheReport) {
  const std::string report = ReportFor(Zones("001011"));
  const auto rows =
      Read("image,mask,zones,report\n" + ("a,b,,\"" + report + "\"\n") +  // report alone
           ("a,b,110000,\"" + report + "\"\n") +                          // zones win
           "a,b,,\"something else\"\n");                                  // not of the grammar
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].zones, Zones("001011"));
  EXPECT_EQ((*rows)[1].zones, Zones("110000"));
  EXPECT_FALSE((*rows)[2].zones.has_value());
}

// Where only a share of the pictures has text, the others leave the field empty.
TEST_F(DataManifestTest, ReportsAreKeptAsTheyStand) {
  const auto rows = Read(
      "image,mask,report,group\n"
      "a,b,\"one medium round polyp, located in right of the image\",\n"
      "c,d,,C3\n");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].report, "one medium round polyp, located in right of the image");
  EXPECT_EQ((*rows)[1].report, "");
  EXPECT_FALSE((*rows)[0].zones.has_value());
  EXPECT_FALSE((*rows)[1].zones.has_value());
}

// CT slices as in MosMedData+: reports begin with a capital letter, zones may be whole lungs.
TEST_F(DataManifestTest, SlicesOfTwoLungs) {
  const auto rows = Read(
      "image,mask,zones,report,split\n"
      "s1.png,m1.png,,\"Unilateral pulmonary infection, one infected area, lower left "
      "lung.\",train\n"
      "s2.png,m2.png,,\"Bilateral pulmonary infection, two infected areas, all left lung and "
      "middle "
      "right lung.\",train\n"
      "s3.png,m3.png,01,,train\n"
      "s4.png,m4.png,\"1, 1\",,train\n"
      "s5.png,m5.png,,,train\n");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].zones, Zones("001000"));
  EXPECT_EQ((*rows)[1].zones, Zones("111010"));
  EXPECT_EQ((*rows)[2].zones, Zones("000111"));
  EXPECT_EQ((*rows)[3].zones, Zones("111111"));
  EXPECT_EQ((*rows)[4].zones, std::nullopt);
}

TEST_F(DataManifestTest, MasksMayBeLeftOutWhereTheReaderAllows) {
  constexpr char kCsv[] = "image,mask,group\na.png,,PA\n";
  test::Put(Path(), kCsv);
  const auto rows = ReadDataManifest(Path(), "", Masks::kOptional);
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].mask, "");
  EXPECT_EQ((*rows)[0].group, "PA");
  EXPECT_THAT(Read(kCsv), StatusIs(kInvalid, HasSubstr(":2:")));
  EXPECT_THAT(Read("image,mask\n,b\n"), StatusIs(kInvalid, HasSubstr(":2:")));
}

TEST_F(DataManifestTest, Splits) {
  constexpr char kCsv[] = "image,mask,split\na,b,train\nc,d,val\ne,f,val\n";
  const auto validation = Read(kCsv, "val");
  ASSERT_THAT(validation, IsOk());
  ASSERT_EQ(validation->size(), 2U);
  EXPECT_EQ((*validation)[1].image, Beside("e"));
  EXPECT_EQ(Read(kCsv)->size(), 3U);
  EXPECT_EQ(Read("image,mask\na,b\n", "val")->size(), 1U);  // no such column: one split
  EXPECT_THAT(Read(kCsv, "test"),
              StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr(Path()), HasSubstr("'test'"))));
  EXPECT_THAT(Read("image,mask\n"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DataManifestTest, ErrorsNameFileAndLine) {
  const auto at = [&](int line) { return HasSubstr(Path() + ":" + std::to_string(line) + ":"); };
  EXPECT_THAT(Read("image,zones\na,100000\n"),
              StatusIs(kInvalid, AllOf(at(1), HasSubstr("no column 'mask'"))));
  EXPECT_THAT(Read(""), StatusIs(kInvalid, AllOf(at(1), HasSubstr("no column 'image'"))));
  EXPECT_THAT(Read("image,mask\na,b\n\nc\n"), StatusIs(kInvalid, at(4)));
  EXPECT_THAT(Read("image,mask\na,b\n,d\n"), StatusIs(kInvalid, at(3)));
  EXPECT_THAT(Read("image,mask,zones\na,b,100000\nc,d,10000\n"),
              StatusIs(kInvalid, AllOf(at(3), HasSubstr("'10000'"))));
  EXPECT_THAT(Read("image,mask\na,b\n\"c,d\ne,f\n"),
              StatusIs(kInvalid, AllOf(at(3), HasSubstr("never closed"))));
  EXPECT_THAT(ReadDataManifest(Beside("none.csv")), StatusIs(absl::StatusCode::kNotFound));
}

TEST(ParseZonesTest, Forms) {
  for (const char* form : {"100100", "1 0 0 1 0 0", "1,0,0,1,0,0", "[1, 0, 0, 1, 0, 0]",
                           "(1;0;0|1;0;0)", " 100 100 "}) {
    EXPECT_EQ(ParseZones(form), Zones("100100")) << form;
  }
  EXPECT_EQ(ParseZones("10"), Zones("111000"));
  EXPECT_EQ(ParseZones("0 1"), Zones("000111"));
  for (const char* form :
       {"", "1", "100", "10010", "1001000", "100102", "1.0 0 0 1 0 0", "abcdef", "-100100"}) {
    EXPECT_EQ(ParseZones(form), std::nullopt) << form;
  }
}

}  // namespace
}  // namespace lingula
