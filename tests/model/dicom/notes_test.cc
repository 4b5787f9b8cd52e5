// What a file says of its picture.
#include <string>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "model/dicom/dicom_source_content.h"
#include "tests/support/fake_dicom.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeDicom;
using test::IsOk;

FakeDicom Film() {
  return FakeDicom(cv::Mat(4, 6, CV_8UC1, cv::Scalar(9)));
}

DicomNotes NotesOf(FakeDicom& dicom) {
  const auto read = DecodeDicom(dicom.Write(), {});
  EXPECT_THAT(read, IsOk());
  return read.ok() ? read->notes : DicomNotes{};
}

TEST(NotesTest, PatientOrientationTellsTheSide) {
  struct Case {
    const char* orientation;
    ViewerLeft left;
    DicomView view;
  };
  for (const Case& c : {
           Case{"L\\F", ViewerLeft::kPatientRight, DicomView::kFrontal},
           Case{"R\\F", ViewerLeft::kPatientLeft, DicomView::kFrontal},
           Case{"LF\\FR", ViewerLeft::kPatientRight, DicomView::kFrontal},
           Case{"A\\F", ViewerLeft::kUnknown, DicomView::kOther},  // lateral
           Case{"P\\F", ViewerLeft::kUnknown, DicomView::kOther},  // lateral
           Case{"F\\R", ViewerLeft::kUnknown, DicomView::kOther},  // turned
           Case{"L\\H", ViewerLeft::kUnknown, DicomView::kOther},  // on its head
           Case{"L", ViewerLeft::kUnknown, DicomView::kFrontal},   // half said
           Case{"", ViewerLeft::kUnknown, DicomView::kFrontal},
       }) {
    FakeDicom dicom = Film();
    dicom.Put(DCM_PatientOrientation, c.orientation);
    const DicomNotes notes = NotesOf(dicom);
    EXPECT_EQ(notes.viewer_left, c.left) << c.orientation;
    EXPECT_EQ(notes.view, c.view) << c.orientation;
  }
}

TEST(NotesTest, ViewPositionTellsTheView) {
  struct Case {
    const char* position;
    DicomView view;
  };
  for (const Case& c : {Case{"PA", DicomView::kFrontal}, Case{"AP", DicomView::kFrontal},
                        Case{"LLD", DicomView::kFrontal}, Case{"LL", DicomView::kOther},
                        Case{"RL", DicomView::kOther}, Case{"LATERAL", DicomView::kOther},
                        Case{"RLO", DicomView::kOther}, Case{"", DicomView::kUnknown}}) {
    FakeDicom dicom = Film();
    dicom.Put(DCM_ViewPosition, c.position);
    EXPECT_EQ(NotesOf(dicom).view, c.view) << c.position;
  }
}

TEST(NotesTest, TheViewCodeTellsItWherePositionDoesNot) {
  FakeDicom dicom = Film();
  dicom.Remove(DCM_ViewPosition);
  DcmItem* code = nullptr;
  ASSERT_TRUE(dicom.dataset().findOrCreateSequenceItem(DCM_ViewCodeSequence, code, 0).good());
  ASSERT_TRUE(code->putAndInsertString(DCM_CodeMeaning, "left lateral").good());
  EXPECT_EQ(NotesOf(dicom).view, DicomView::kOther);
}

TEST(NotesTest, ModalityAndBodyPartTellTheSubject) {
  struct Case {
    const char* modality;
    const char* part;
    DicomSubject subject;
  };
  for (const Case& c :
       {Case{"CR", "CHEST", DicomSubject::kChestXray},
        Case{"DX", "Chest", DicomSubject::kChestXray}, Case{"DX", "", DicomSubject::kXray},
        Case{"DX", "HAND", DicomSubject::kOtherXray}, Case{"MG", "", DicomSubject::kOtherXray},
        Case{"ES", "", DicomSubject::kEndoscopy}, Case{"CT", "CHEST", DicomSubject::kOther},
        Case{"OT", "", DicomSubject::kUnknown}}) {
    FakeDicom dicom = Film();
    dicom.Put(DCM_Modality, c.modality).Put(DCM_BodyPartExamined, c.part);
    EXPECT_EQ(NotesOf(dicom).subject, c.subject) << c.modality << " " << c.part;
  }
}

TEST(NotesTest, BurnedInTextAndLossAreCarriedThrough) {
  FakeDicom dicom = Film();
  EXPECT_FALSE(NotesOf(dicom).burned_in_text);
  dicom.Put(DCM_BurnedInAnnotation, "YES").Put(DCM_LossyImageCompression, "01");
  const auto read = DecodeDicom(dicom.Write(), {});
  ASSERT_THAT(read, IsOk());
  EXPECT_TRUE(read->notes.burned_in_text);
  EXPECT_TRUE(read->picture.lossy);
}

TEST(NotesTest, TheSourceKeepsWhatResultsCopyAndNothingPrivate) {
  FakeDicom dicom = Film();
  dicom.Put(DCM_PatientID, "42").Put(DCM_StudyInstanceUID, "2.25.7");
  ASSERT_TRUE(
      dicom.dataset().putAndInsertString(DcmTag(0x0009, 0x0010, EVR_LO), "SOMEBODY").good());
  const auto read = DecodeDicom(dicom.Write(), {});
  ASSERT_THAT(read, IsOk());
  const DicomSource::Content& content = ContentOf(*read->source);
  const auto copy = content.CopyDataset();
  OFString id;
  EXPECT_TRUE(copy->findAndGetOFString(DCM_PatientID, id).good());
  EXPECT_EQ(id, "42");
  EXPECT_FALSE(copy->tagExists(DcmTagKey(0x0009, 0x0010)));
  EXPECT_FALSE(copy->tagExists(DCM_PixelData));
  EXPECT_EQ(content.image().rows, 4);
  EXPECT_EQ(content.image().columns, 6);
  EXPECT_EQ(content.image().sop_instance, "2.25.1");
}

}  // namespace
}  // namespace lingula
