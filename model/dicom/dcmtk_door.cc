#include "model/dicom/dcmtk_door.h"

#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcvr.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

namespace lingula {

absl::Status PrepareDcmtk() {
  static const bool ready = [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    // Attributes that passed through a system which did not know them come back.
    dcmEnableUnknownVRConversion.set(OFTrue);
    // Colours come out as the compressed data has them: what they are is our affair.
    DJDecoderRegistration::registerCodecs(EDC_never, EUC_never, EPC_colorByPixel);
    DJLSDecoderRegistration::registerCodecs(EJLSUC_never, EJLSPC_colorByPixel);
    return dcmDataDict.isDictionaryLoaded() == OFTrue;
  }();
  return ready ? absl::OkStatus()
               : absl::InternalError("DCMTK's table of attributes (dicom.dic) is not installed");
}

}  // namespace lingula
