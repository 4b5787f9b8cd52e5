#include "client/dicom_node/forwarder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "model/base/file.h"
#include "model/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula::node {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

// A service and a PACS that fail as told, and remember.
class ForwarderTest : public testing::Test {
 protected:
  void SetUp() override {
    spool_options_.folder = folder_.path();
    spool_ = *Spool::Open(spool_options_);
    options_.first_wait = std::chrono::milliseconds(1);
    options_.longest_wait = std::chrono::milliseconds(4);
    options_.max_attempts = 3;
  }

  void Receive(const std::string& content) {
    const uint64_t number = spool_->Reserve().value();
    std::ofstream(spool_->PartOf(number)) << content;
    ASSERT_THAT(spool_->Commit(number), IsOk());
  }
  // Runs until nothing waits any more.
  void RunToTheEnd() {
    Forwarder forwarder(options_,
                        {[this](const v1::SegmentRequest& request) { return Segment(request); },
                         [this](const std::string& file) { return Store(file); }},
                        *spool_);
    std::thread segmenting([&] { forwarder.SegmentLoop(); });
    std::thread storing([&] { forwarder.StoreLoop(); });
    while (spool_->files() > 0) {
      spool_->WaitForChange(std::chrono::milliseconds(10));
    }
    forwarder.Stop();
    segmenting.join();
    storing.join();
  }
  std::string Refused() const {
    std::string reasons;
    for (const auto& entry : fs::directory_iterator(spool_options_.folder + "/refused")) {
      if (entry.path().extension() == ".txt") {
        reasons += ReadFile(entry.path().string()).value();
      }
    }
    return reasons;
  }

  absl::StatusOr<v1::SegmentResponse> Segment(const v1::SegmentRequest& request) {
    ++asked_;
    modality_ = request.modality();
    if (!segment_failures_.empty()) {
      const absl::Status next = segment_failures_.front();
      segment_failures_.erase(segment_failures_.begin());
      if (!next.ok()) {
        return next;
      }
    }
    v1::SegmentResponse answer;
    answer.mutable_dicom()->set_frame_count(2);
    answer.add_masks()->set_dicom_seg(
        absl::StrCat("seg of ", request.image().encoded(), " ", request.image().frame_number()));
    if (request.want_structured_report()) {
      answer.set_structured_report("sr of " + request.image().encoded());
    }
    return answer;
  }
  absl::Status Store(const std::string& file) {
    if (!store_failures_.empty()) {
      const absl::Status next = store_failures_.front();
      store_failures_.erase(store_failures_.begin());
      if (!next.ok()) {
        return next;
      }
    }
    stored_.push_back(ReadFile(file).value());
    return absl::OkStatus();
  }

  const test::TempFolder folder_;  // outlives the spool
  SpoolOptions spool_options_;
  ForwarderOptions options_;
  std::unique_ptr<Spool> spool_;
  std::vector<absl::Status> segment_failures_, store_failures_;  // each for one call, in order
  int asked_ = 0;
  v1::Modality modality_ = v1::MODALITY_UNSPECIFIED;
  std::vector<std::string> stored_;
};

TEST_F(ForwarderTest, BringsResultsToThePacsInOrder) {
  options_.structured_report = true;
  Receive("a");
  Receive("b");
  RunToTheEnd();
  EXPECT_THAT(stored_, ElementsAre("seg of a 1", "sr of a", "seg of b 1", "sr of b"));
}

// Four threads share the pictures: none is asked about twice, and four are asked about at once.
TEST_F(ForwarderTest, SharesPicturesAmongThreads) {
  constexpr int kThreads = 4, kPictures = 40;
  Mutex mu;
  CondVar changed;
  int inside = 0, most = 0;
  std::vector<std::string> asked;
  const auto segment = [&](const v1::SegmentRequest& request) {
    MutexLock lock(mu);
    asked.push_back(request.image().encoded());
    most = std::max(most, ++inside);
    changed.NotifyAll();
    while (most < kThreads) {  // the first ones wait until all threads have come
      changed.Wait(mu);
    }
    --inside;
    return Segment(request);
  };
  std::vector<std::string> sent;
  for (int i = 0; i < kPictures; ++i) {
    sent.push_back(absl::StrCat("picture ", i));
    Receive(sent.back());
  }
  Forwarder forwarder(options_, {segment, [this](const std::string& file) { return Store(file); }},
                      *spool_);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { forwarder.StoreLoop(); });
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] { forwarder.SegmentLoop(); });
  }
  while (spool_->files() > 0) {
    spool_->WaitForChange(std::chrono::milliseconds(10));
  }
  forwarder.Stop();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(most, kThreads);
  EXPECT_THAT(asked, UnorderedElementsAreArray(sent));
  EXPECT_EQ(stored_.size(), sent.size());
  EXPECT_THAT(Refused(), IsEmpty());
}

TEST_F(ForwarderTest, SegmentsAllFramesIfToldTo) {
  options_.all_frames = true;
  Receive("a");
  RunToTheEnd();
  EXPECT_THAT(stored_, ElementsAre("seg of a 1", "seg of a 2"));
}

// A file that begins like one of this class.
std::string FileOf(const std::string& uid) {
  std::string file = std::string(128, '\0') + "DICM";
  file.append("\x02\x00\x02\x00UI", 6);
  file += static_cast<char>(uid.size() + uid.size() % 2);
  file += '\0';
  return file + uid + std::string(uid.size() % 2, '\0') + "whatever follows";
}

TEST(ModalityOf, IsReadFromTheHeader) {
  EXPECT_EQ(ModalityOf(FileOf("1.2.840.10008.5.1.4.1.1.1")), v1::MODALITY_CHEST_XRAY);
  EXPECT_EQ(ModalityOf(FileOf("1.2.840.10008.5.1.4.1.1.1.1")), v1::MODALITY_CHEST_XRAY);
  EXPECT_EQ(ModalityOf(FileOf("1.2.840.10008.5.1.4.1.1.77.1.1")), v1::MODALITY_ENDOSCOPY);
  EXPECT_EQ(ModalityOf(FileOf("1.2.840.10008.5.1.4.1.1.77.1.4")), v1::MODALITY_ENDOSCOPY);
  EXPECT_EQ(ModalityOf(FileOf("1.2.840.10008.5.1.4.1.1.7")), v1::MODALITY_UNSPECIFIED);
  const std::string whole = FileOf("1.2.840.10008.5.1.4.1.1.77.1.1");
  for (size_t size = 0; size < 140; ++size) {
    EXPECT_EQ(ModalityOf(whole.substr(0, size)), v1::MODALITY_UNSPECIFIED) << size;
  }
}

TEST_F(ForwarderTest, SaysWhatThePictureIsOf) {
  Receive(FileOf("1.2.840.10008.5.1.4.1.1.77.1.1"));
  RunToTheEnd();
  EXPECT_EQ(modality_, v1::MODALITY_ENDOSCOPY);
}

TEST_F(ForwarderTest, WaitsForWhoIsAway) {
  // More often than max_attempts: being away counts against no picture.
  segment_failures_.assign(8, absl::UnavailableError("away"));
  store_failures_.assign(8, absl::UnavailableError("away"));
  Receive("a");
  RunToTheEnd();
  EXPECT_THAT(stored_, ElementsAre("seg of a 1"));
  EXPECT_THAT(Refused(), IsEmpty());
}

TEST_F(ForwarderTest, WaitsUntilItIsLetIn) {
  segment_failures_.assign(4, absl::UnauthenticatedError("the token is not known"));
  segment_failures_.resize(8, absl::PermissionDeniedError("this needs the role segment"));
  Receive("a");
  RunToTheEnd();
  EXPECT_THAT(stored_, ElementsAre("seg of a 1"));
  EXPECT_THAT(Refused(), IsEmpty());
}

TEST_F(ForwarderTest, PutsAsideWhatTheServiceRefuses) {
  segment_failures_ = {absl::InvalidArgumentError("not a picture")};
  Receive("a");
  Receive("b");
  RunToTheEnd();
  EXPECT_THAT(stored_, ElementsAre("seg of b 1"));
  EXPECT_EQ(Refused(), "segment: INVALID_ARGUMENT: not a picture\n");
  EXPECT_EQ(asked_, 2);
}

TEST_F(ForwarderTest, AFailureOfOneDoesNotStopTheOthers) {
  segment_failures_ = {absl::InternalError("first"), absl::OkStatus(), absl::InternalError("more"),
                       absl::InternalError("last")};
  Receive("a");
  Receive("b");
  RunToTheEnd();
  EXPECT_THAT(stored_, ElementsAre("seg of b 1"));
  EXPECT_EQ(Refused(), "segment: INTERNAL: last\n");
}

TEST_F(ForwarderTest, PutsAsideWhatThePacsRefuses) {
  store_failures_ = {absl::InvalidArgumentError("status A900")};
  Receive("a");
  RunToTheEnd();
  EXPECT_THAT(stored_, IsEmpty());
  EXPECT_THAT(Refused(), HasSubstr("store: INVALID_ARGUMENT: status A900"));
  EXPECT_TRUE(fs::exists(spool_options_.folder + "/refused/0000000000000001.000001.out.dcm"));
}

TEST_F(ForwarderTest, GoesOnAfterAStart) {
  Receive("a");
  Receive("b");
  ASSERT_THAT(spool_->AddResult(1, 1, "seg of a, made before"), IsOk());
  ASSERT_THAT(spool_->Segmented(1), IsOk());
  ASSERT_THAT(spool_->AddResult(2, 1, "half of b's"), IsOk());
  spool_.reset();
  spool_ = *Spool::Open(spool_options_);
  RunToTheEnd();
  EXPECT_THAT(stored_, ElementsAre("seg of a, made before", "seg of b 1"));
}

}  // namespace
}  // namespace lingula::node
