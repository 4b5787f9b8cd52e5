#include "client/dicom_node/association.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcostrmf.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/dimse.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "model/base/log.h"
#include "model/base/mutex.h"

namespace lingula::node {
namespace {

constexpr int kHandshake_s = 10;
constexpr int kSlice_s = 1;  // between looks at `stopping`

const char* kVerification[] = {UID_VerificationSOPClass};
const char* kStorage[] = {UID_ComputedRadiographyImageStorage,
                          UID_DigitalXRayImageStorageForPresentation,
                          UID_VLEndoscopicImageStorage,
                          UID_VLPhotographicImageStorage,
                          UID_SecondaryCaptureImageStorage,
                          UID_MultiframeGrayscaleByteSecondaryCaptureImageStorage,
                          UID_MultiframeGrayscaleWordSecondaryCaptureImageStorage,
                          UID_MultiframeTrueColorSecondaryCaptureImageStorage};
// Lossless and plain ones first: a caller that offers several shall lose nothing.
const char* kSyntaxes[] = {UID_LittleEndianExplicitTransferSyntax,
                           UID_LittleEndianImplicitTransferSyntax,
                           UID_JPEGProcess14SV1TransferSyntax,
                           UID_JPEGProcess14TransferSyntax,
                           UID_JPEGLSLosslessTransferSyntax,
                           UID_JPEG2000LosslessOnlyTransferSyntax,
                           UID_RLELosslessTransferSyntax,
                           UID_DeflatedExplicitVRLittleEndianTransferSyntax,
                           UID_BigEndianExplicitTransferSyntax,
                           UID_JPEGProcess1TransferSyntax,
                           UID_JPEGProcess2_4TransferSyntax,
                           UID_JPEGLSLossyTransferSyntax,
                           UID_JPEG2000TransferSyntax};

// Waits until the other side says something.
bool Readable(int socket, int seconds) {
  pollfd one{socket, POLLIN, 0};
  return poll(&one, 1, seconds * 1000) > 0;
}

// Ends a transfer that grows too large.
struct SizeGuard {
  int socket;
  unsigned long max_bytes;  // DCMTK's type
  bool tripped = false;

  static void OnProgress(void* self, unsigned long bytes) {
    auto& guard = *static_cast<SizeGuard*>(self);
    if (bytes > guard.max_bytes && !guard.tripped) {
      guard.tripped = true;
      shutdown(guard.socket, SHUT_RDWR);
    }
  }
};

class Association {
 public:
  Association(int socket, const AssociationOptions& options, Spool& spool)
      : socket_(socket), options_(options), spool_(spool) {}
  ~Association() {
    if (association_ != nullptr) {
      ASC_dropAssociation(association_);
      ASC_destroyAssociation(&association_);
    } else if (!taken_) {
      close(socket_);
    }
    if (network_ != nullptr) {
      ASC_dropNetwork(&network_);
    }
  }

  // Reads the request for the association.
  bool Receive() {
    if (!Readable(socket_, kHandshake_s)) {
      return false;
    }
    static Mutex one_at_a_time;  // DCMTK takes a socket from a global variable
    MutexLock lock(one_at_a_time);
    dcmExternalSocketHandle.set(socket_);
    taken_ = true;
    const bool received =
        ASC_initializeNetwork(NET_ACCEPTOR, 0, kHandshake_s, &network_).good() &&
        ASC_receiveAssociation(network_, &association_, ASC_DEFAULTMAXPDU, nullptr, nullptr,
                               OFFalse, DUL_NOBLOCK, kHandshake_s)
            .good();
    dcmExternalSocketHandle.set(DCMNET_INVALID_SOCKET);
    return received;
  }

  bool Negotiate(bool busy) {
    DIC_AE calling{}, called{};
    ASC_getAPTitles(association_->params, calling, sizeof(calling), called, sizeof(called), nullptr,
                    0);
    const std::string caller(absl::StripAsciiWhitespace(calling));
    if (busy) {
      return Reject(ASC_RESULT_REJECTEDTRANSIENT, ASC_SOURCE_SERVICEPROVIDER_PRESENTATION_RELATED,
                    ASC_REASON_SP_PRES_LOCALLIMITEXCEEDED, "too many associations");
    }
    if (absl::StripAsciiWhitespace(called) != options_.ae_title) {
      return Reject(ASC_RESULT_REJECTEDPERMANENT, ASC_SOURCE_SERVICEUSER,
                    ASC_REASON_SU_CALLEDAETITLENOTRECOGNIZED, "called AE title is not ours");
    }
    const auto& allowed = options_.calling_ae_titles;
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), caller) == allowed.end()) {
      return Reject(ASC_RESULT_REJECTEDPERMANENT, ASC_SOURCE_SERVICEUSER,
                    ASC_REASON_SU_CALLINGAETITLENOTRECOGNIZED, "calling AE title is not allowed");
    }
    for (const auto& [classes, count] :
         {std::make_pair(kVerification, 1), std::make_pair(kStorage, int{std::size(kStorage)})}) {
      ASC_acceptContextsWithPreferredTransferSyntaxes(association_->params, classes, count,
                                                      kSyntaxes, int{std::size(kSyntaxes)});
    }
    return ASC_acknowledgeAssociation(association_).good();
  }

  // Answers one message after the other.
  void Serve(const std::atomic<bool>& stopping) {
    for (int silent_s = 0; !stopping && silent_s < options_.idle_s;) {
      T_DIMSE_Message message{};
      T_ASC_PresentationContextID context = 0;
      const OFCondition got = DIMSE_receiveCommand(association_, DIMSE_NONBLOCKING, kSlice_s,
                                                   &context, &message, nullptr);
      if (got == DIMSE_NODATAAVAILABLE) {
        silent_s += kSlice_s;
        continue;
      }
      if (got == DUL_PEERREQUESTEDRELEASE) {
        ASC_acknowledgeRelease(association_);
        return;
      }
      if (got.bad() || !Answer(context, message)) {
        break;
      }
      silent_s = 0;
    }
    ASC_abortAssociation(association_);
  }

 private:
  bool Reject(T_ASC_RejectParametersResult result, T_ASC_RejectParametersSource source,
              T_ASC_RejectParametersReason reason, const char* why) {
    const T_ASC_RejectParameters parameters = {result, source, reason};
    ASC_rejectAssociation(association_, &parameters);
    log::Warning("association rejected", {{"reason", why}});
    return false;
  }

  bool Answer(T_ASC_PresentationContextID context, const T_DIMSE_Message& message) {
    if (message.CommandField == DIMSE_C_ECHO_RQ) {
      return DIMSE_sendEchoResponse(association_, context, &message.msg.CEchoRQ, STATUS_Success,
                                    nullptr)
          .good();
    }
    return message.CommandField == DIMSE_C_STORE_RQ && Store(context, message.msg.CStoreRQ);
  }

  bool Respond(T_ASC_PresentationContextID context, const T_DIMSE_C_StoreRQ& request,
               Uint16 status) {
    T_DIMSE_C_StoreRSP response{};
    response.DimseStatus = status;
    return DIMSE_sendStoreResponse(association_, context, &request, &response, nullptr).good();
  }

  // False: the association cannot go on.
  bool Store(T_ASC_PresentationContextID context, const T_DIMSE_C_StoreRQ& request) {
    const absl::StatusOr<uint64_t> number = spool_.Reserve();
    if (!number.ok()) {
      log::Warning("picture refused", {{"reason", number.status().message()}});
      DIC_UL bytes = 0, parts = 0;
      return DIMSE_ignoreDataSet(association_, DIMSE_NONBLOCKING, options_.idle_s, &bytes, &parts)
                 .good() &&
             Respond(context, request, STATUS_STORE_Refused_OutOfResources);
    }
    if (!Receive(context, request, *number)) {
      spool_.Abandon(*number);
      return false;
    }
    const absl::Status kept = spool_.Commit(*number);
    if (kept.ok()) {
      log::Info("picture received", {{"number", *number}});
    } else {
      log::Error("picture refused", {{"number", *number}, {"reason", kept.message()}});
    }
    return Respond(context, request,
                   kept.ok() ? STATUS_Success : STATUS_STORE_Refused_OutOfResources);
  }

  // Writes the data set as it comes, with a file's preamble and header before it.
  bool Receive(T_ASC_PresentationContextID context, const T_DIMSE_C_StoreRQ& request,
               uint64_t number) {
    DcmOutputFileStream* opened = nullptr;
    const std::string part = spool_.PartOf(number);
    if (DIMSE_createFilestream(part.c_str(), &request, association_, context, 1, &opened).bad()) {
      log::Error("picture refused", {{"number", number}, {"reason", "its file cannot be opened"}});
      return false;
    }
    const std::unique_ptr<DcmOutputFileStream> file(opened);
    SizeGuard guard{socket_, static_cast<unsigned long>(options_.max_file_bytes)};
    T_ASC_PresentationContextID data_context = 0;
    const bool received =
        DIMSE_receiveDataSetInFile(association_, DIMSE_NONBLOCKING, options_.idle_s, &data_context,
                                   file.get(), &SizeGuard::OnProgress, &guard)
            .good();
    file->flush();
    if (guard.tripped) {
      log::Warning("picture refused",
                   {{"number", number}, {"reason", "larger than spool.max_file_mib"}});
    }
    return received && !guard.tripped && data_context == context && file->good();
  }

  const int socket_;
  const AssociationOptions& options_;
  Spool& spool_;
  bool taken_ = false;  // DCMTK closes the socket
  T_ASC_Network* network_ = nullptr;
  T_ASC_Association* association_ = nullptr;
};

}  // namespace

void ServeAssociation(int socket, const AssociationOptions& options, bool busy, Spool& spool,
                      const std::atomic<bool>& stopping) {
  Association association(socket, options, spool);
  if (association.Receive() && association.Negotiate(busy)) {
    association.Serve(stopping);
  }
}

}  // namespace lingula::node
