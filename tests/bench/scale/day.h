// A day of a hospital network, as pictures a second.
#pragma once

namespace lingula::bench {

// Share of the day's highest steady rate at an hour in [0, 24]: quiet nights, a steep morning, a
// dip at noon. At 8:00 for ten minutes 0.4 more: what the night left is read again.
double ShareAt(double hour);

}  // namespace lingula::bench
