#include "client/dicom_node/pacs_sender.h"

#include <cstdint>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmnet/scu.h>

#include "absl/strings/str_format.h"

namespace lingula::node {
namespace {

// Failures are told apart by their first digits: PS3.4, Table B.2-1.
absl::Status FromDimse(uint16_t status) {
  if (status == STATUS_Success || (status & 0xf000) == 0xb000) {
    return absl::OkStatus();
  }
  const std::string text = absl::StrFormat("the PACS answered with status %04X", status);
  return (status & 0xff00) == STATUS_STORE_Refused_OutOfResources
             ? absl::UnavailableError(text + ", out of resources")
             : absl::InvalidArgumentError(text);
}

absl::Status Propose(const PacsOptions& options, DcmSCU& scu) {
  scu.setAETitle(options.own_ae_title.c_str());
  scu.setPeerAETitle(options.ae_title.c_str());
  scu.setPeerHostName(options.host.c_str());
  scu.setPeerPort(static_cast<Uint16>(options.port));
  scu.setConnectionTimeout(options.timeout_s);
  scu.setACSETimeout(static_cast<Uint32>(options.timeout_s));
  scu.setDIMSETimeout(static_cast<Uint32>(options.timeout_s));
  scu.setDIMSEBlockingMode(DIMSE_NONBLOCKING);
  OFList<OFString> syntaxes;
  syntaxes.push_back(UID_LittleEndianExplicitTransferSyntax);
  syntaxes.push_back(UID_LittleEndianImplicitTransferSyntax);
  for (const char* kind :
       {UID_SegmentationStorage, UID_ComprehensiveSRStorage, UID_EnhancedSRStorage}) {
    if (scu.addPresentationContext(kind, syntaxes).bad()) {
      return absl::InternalError("a presentation context cannot be proposed");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status StoreInPacs(const PacsOptions& options, const std::string& file) {
  DcmSCU scu;
  if (const absl::Status proposed = Propose(options, scu); !proposed.ok()) {
    return proposed;
  }
  if (scu.initNetwork().bad()) {
    return absl::UnavailableError("the network cannot be used");
  }
  if (scu.negotiateAssociation().bad()) {
    return absl::UnavailableError("no association with the PACS: it is away, or refuses us");
  }
  Uint16 status = 0;
  const OFCondition sent = scu.sendSTORERequest(0, file.c_str(), nullptr, status);
  if (sent.bad()) {
    scu.abortAssociation();
    return absl::UnavailableError(
        sent == DIMSE_NOVALIDPRESENTATIONCONTEXTID
            ? "the PACS takes no objects of this kind (Segmentation, Comprehensive SR)"
            : "the association with the PACS broke");
  }
  scu.releaseAssociation();
  return FromDimse(status);
}

}  // namespace lingula::node
