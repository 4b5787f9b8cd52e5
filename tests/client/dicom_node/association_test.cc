// The node's port, called as a modality does.
#include "client/dicom_node/association.h"

#include <filesystem>
#include <thread>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmnet/scu.h>
#include <gmock/gmock.h>

#include "client/dicom_node/listener.h"
#include "client/dicom_node/pacs_sender.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula::node {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

class AssociationTest : public testing::Test {
 protected:
  void SetUp() override {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    spool_options_ = {folder_.At("spool"), 2, 1 << 22, 1 << 20, 10};
    association_.ae_title = "NODE";
    association_.max_file_bytes = 1 << 20;
  }
  void TearDown() override {
    if (serving_.joinable()) {
      interruption_.Interrupt();
      serving_.join();
    }
  }
  void Start() {
    spool_ = *Spool::Open(spool_options_);
    listener_ = *Listener::Open({"127.0.0.1", 0, 4});
    serving_ = std::thread([this] { listener_->Serve(association_, *spool_, interruption_); });
  }

  struct Outcome {
    bool associated = false;
    std::vector<int> statuses;  // of stores, -1: the association broke
  };
  // Sends this picture so many times in one association.
  Outcome Send(int times, size_t bytes = 1000, const char* called = "NODE",
               const char* calling = "CR1") {
    Outcome outcome;
    DcmSCU scu;
    scu.setAETitle(calling);
    scu.setPeerAETitle(called);
    scu.setPeerHostName("127.0.0.1");
    scu.setPeerPort(static_cast<Uint16>(listener_->port()));
    scu.setACSETimeout(20);
    scu.setDIMSETimeout(20);
    OFList<OFString> syntaxes;
    syntaxes.push_back(UID_LittleEndianExplicitTransferSyntax);
    scu.addPresentationContext(UID_SecondaryCaptureImageStorage, syntaxes);
    scu.addPresentationContext(UID_VerificationSOPClass, syntaxes);
    scu.initNetwork();
    outcome.associated = scu.negotiateAssociation().good();
    if (!outcome.associated) {
      return outcome;
    }
    EXPECT_TRUE(scu.sendECHORequest(0).good());
    DcmFileFormat file;
    DcmDataset& data = *file.getDataset();
    data.putAndInsertString(DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
    data.putAndInsertString(DCM_SOPInstanceUID, "1.2.3.4");
    data.putAndInsertString(DCM_PatientName, "MARKER^NAME");
    data.putAndInsertUint8Array(DCM_PixelData, std::vector<Uint8>(bytes, 7).data(), bytes);
    const std::string path = folder_.At("picture.dcm");
    EXPECT_TRUE(file.saveFile(path.c_str(), EXS_LittleEndianExplicit).good());
    for (int i = 0; i < times; ++i) {
      Uint16 status = 0;
      const bool sent = scu.sendSTORERequest(0, path.c_str(), nullptr, status).good();
      outcome.statuses.push_back(sent ? status : -1);
      if (!sent) {
        return outcome;
      }
    }
    scu.releaseAssociation();
    return outcome;
  }
  std::string FileNames() const {
    std::string names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      names += entry.path().filename().string() + " ";
    }
    return names;
  }

  const test::TempFolder folder_;
  SpoolOptions spool_options_;
  AssociationOptions association_;
  cli::Interruption interruption_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Listener> listener_;
  std::thread serving_;
};

TEST_F(AssociationTest, KeepsWhatItIsSentAsAFile) {
  Start();
  EXPECT_THAT(Send(1).statuses, testing::ElementsAre(0));
  ASSERT_THAT(spool_->ToSegment(), SizeIs(1));
  DcmFileFormat kept;
  ASSERT_TRUE(kept.loadFile(spool_->PictureOf(1).c_str()).good());
  OFString uid;
  kept.getDataset()->findAndGetOFString(DCM_SOPInstanceUID, uid);
  EXPECT_EQ(uid, "1.2.3.4");
  kept.getMetaInfo()->findAndGetOFString(DCM_TransferSyntaxUID, uid);
  EXPECT_EQ(uid, UID_LittleEndianExplicitTransferSyntax);
  EXPECT_EQ(FileNames().find("MARKER"), std::string::npos);
  EXPECT_EQ(FileNames().find("1.2.3.4"), std::string::npos);
}

TEST_F(AssociationTest, SaysOutOfResourcesWhenFullAndTakesMoreLater) {
  Start();
  EXPECT_THAT(Send(3).statuses, testing::ElementsAre(0, 0, 0xa700));
  EXPECT_THAT(Send(1).statuses, testing::ElementsAre(0xa700));
  ASSERT_THAT(spool_->Refuse(1, "makes room"), test::IsOk());
  EXPECT_THAT(Send(1).statuses, testing::ElementsAre(0));
}

TEST_F(AssociationTest, CutsOffWhatIsTooLarge) {
  Start();
  EXPECT_THAT(Send(1, 3 << 20).statuses, testing::ElementsAre(-1));
  while (spool_->files() > 0) {  // the sender knows before the node has cleared it away
    spool_->WaitForChange(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(fs::exists(spool_->PartOf(1)));
  EXPECT_THAT(Send(1).statuses, testing::ElementsAre(0));
}

TEST_F(AssociationTest, ChecksBothTitles) {
  association_.calling_ae_titles = {"CR1", "CR2"};
  Start();
  EXPECT_FALSE(Send(1, 1000, "OTHER").associated);
  EXPECT_FALSE(Send(1, 1000, "NODE", "CR3").associated);
  EXPECT_TRUE(Send(1, 1000, "NODE", "CR2").associated);
  EXPECT_THAT(spool_->ToSegment(), SizeIs(1));
}

TEST_F(AssociationTest, SendsToAPacs) {
  Start();  // no PACS takes segmentations here: the node itself does not
  DcmFileFormat file;
  file.getDataset()->putAndInsertString(DCM_SOPClassUID, UID_SegmentationStorage);
  file.getDataset()->putAndInsertString(DCM_SOPInstanceUID, "1.2.3.5");
  const std::string path = folder_.At("seg.dcm");
  ASSERT_TRUE(file.saveFile(path.c_str(), EXS_LittleEndianExplicit).good());
  PacsOptions pacs{"127.0.0.1", listener_->port(), "NODE", "CR1", 5};
  EXPECT_THAT(StoreInPacs(pacs, path), test::StatusIs(absl::StatusCode::kUnavailable));
  pacs.ae_title = "OTHER";
  EXPECT_THAT(StoreInPacs(pacs, path), test::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(spool_->ToSegment(), IsEmpty());
}

}  // namespace
}  // namespace lingula::node
