#include "client/interruption.h"

#include <unistd.h>

#include <gmock/gmock.h>

namespace lingula::cli {
namespace {

// A pipe with something in it, or nothing.
class Pipe {
 public:
  explicit Pipe(const std::string& content) {
    EXPECT_EQ(pipe(ends_), 0);
    EXPECT_EQ(write(ends_[1], content.data(), content.size()),
              static_cast<ssize_t>(content.size()));
  }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int reader() const { return ends_[0]; }

 private:
  int ends_[2];
};

TEST(Interruption, WaitsForWhatIsThere) {
  const Interruption interruption;
  EXPECT_FALSE(interruption.interrupted());
  EXPECT_TRUE(interruption.SleepUntil(Clock::Real().Now()));
  EXPECT_TRUE(interruption.WaitForInput(Pipe("x").reader()));
}

TEST(Interruption, TheFirstSignalEndsAllWaiting) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Interruption interruption;
    raise(signal);
    EXPECT_TRUE(interruption.interrupted());
    EXPECT_FALSE(interruption.SleepUntil(Instant::max()));
    EXPECT_FALSE(interruption.WaitForInput(Pipe("").reader()));
  }
}

TEST(Interruption, CanBeWished) {
  Interruption interruption;
  interruption.Interrupt();
  EXPECT_TRUE(interruption.interrupted());
  EXPECT_FALSE(interruption.SleepUntil(Instant::max()));
}

TEST(InterruptionDeathTest, TheSecondSignalEndsTheProgram) {
  EXPECT_EXIT(
      {
        const Interruption interruption;
        raise(SIGINT);
        raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(Interruption, LeavesSignalsAsTheyWere) {
  struct sigaction before {
  }, after{};
  sigaction(SIGINT, nullptr, &before);
  { const Interruption interruption; }
  sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

}  // namespace
}  // namespace lingula::cli
