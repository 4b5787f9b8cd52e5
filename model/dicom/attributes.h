// Short ways to values of a DcmDataset or of an item of one. Not for one object on several threads:
// even a look moves its cursors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dctagkey.h>

namespace lingula {

// Value `index` of US, SS, UL, SL or IS; none where it is absent, empty or no number.
std::optional<int64_t> IntAt(DcmItem& item, const DcmTagKey& tag, unsigned long index = 0);

// Of DS, FD, FL, IS and the above; finite.
std::optional<double> NumberAt(DcmItem& item, const DcmTagKey& tag, unsigned long index = 0);

// Without padding, capitals only, as code strings are; empty where it is absent.
std::string CodeAt(DcmItem& item, const DcmTagKey& tag, unsigned long index = 0);

// A UID without padding; empty where it is absent.
std::string UidAt(DcmItem& item, const DcmTagKey& tag);

// Item `index` of a sequence, null where there is none. Belongs to `item`.
DcmItem* ItemAt(DcmItem& item, const DcmTagKey& sequence, long index = 0);

// All 16-bit words of US, SS or OW, or pairs of bytes of OB, as the file's byte order has them.
std::vector<uint16_t> WordsAt(DcmItem& item, const DcmTagKey& tag);

}  // namespace lingula
