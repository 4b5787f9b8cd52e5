#include "model/base/cores.h"

#include <thread>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Cores, InstancesGetTheNextOnesEach) {
  const std::vector<int> allowed = {2, 3, 6, 7};
  EXPECT_THAT(CoresOfInstance(allowed, 0, 2), ElementsAre(2, 3));
  EXPECT_THAT(CoresOfInstance(allowed, 1, 2), ElementsAre(6, 7));
  EXPECT_THAT(CoresOfInstance(allowed, 2, 2), ElementsAre(2, 3)) << "more instances than room";
  EXPECT_THAT(CoresOfInstance(allowed, 0, 9), ElementsAre(2, 3, 6, 7)) << "no core twice";
  EXPECT_THAT(CoresOfInstance({}, 0, 2), IsEmpty());
}

TEST(Cores, AThreadStaysWhereItIsPut) {
  const std::vector<int> all = AllowedCores();
  ASSERT_THAT(all, Not(IsEmpty()));
  std::vector<int> seen;
  std::thread([&] {
    EXPECT_TRUE(StayOn({all.back()}));
    std::thread([&] { seen = AllowedCores(); }).join();
  }).join();
  EXPECT_THAT(seen, ElementsAre(all.back())) << "its threads stay with it";
  EXPECT_EQ(AllowedCores(), all) << "other threads do not";
}

TEST(Cores, NoCoresMeanNoChange) {
  const std::vector<int> all = AllowedCores();
  EXPECT_TRUE(StayOn({}));
  EXPECT_EQ(AllowedCores(), all);
}

}  // namespace
}  // namespace lingula
