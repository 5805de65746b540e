#include "pool/block_list.h"

#include <gtest/gtest.h>

#include <random>

#include "pool/errors.h"

namespace cacheblend {
namespace {

using Blocks = std::vector<int64_t>;

TEST(BlockListTest, GivesAndTakesBack) {
  BlockList list(5);
  const Blocks mine = list.Take(2, 11), yours = list.Take(3, 12);
  EXPECT_EQ((Blocks{0, 1}), mine);
  EXPECT_EQ((Blocks{2, 3, 4}), yours);
  EXPECT_EQ(0, list.free_count());
  list.Release(mine, 11);
  EXPECT_EQ(2, list.free_count());
  EXPECT_EQ(mine, list.Take(2, 13));  // warm blocks first, in order
  EXPECT_TRUE(Violations(list.owners(), list.free_blocks()).empty());
}

TEST(BlockListTest, ExhaustionNamesNumbersAndChangesNothing) {
  BlockList list(3);
  list.Take(2, 11);
  try {
    list.Take(2, 12);
    FAIL();
  } catch (const KvExhausted& e) {
    EXPECT_STREQ("needs 2 KV blocks, 1 of 3 are free", e.what());
  }
  EXPECT_EQ(1, list.free_count());
}

TEST(BlockListTest, ARejectedReleaseChangesNothing) {
  BlockList list(4);
  list.Take(2, 11);
  list.Take(1, 12);
  for (const Blocks& batch :
       {Blocks{0, 2}, Blocks{0, 3}, Blocks{0, 0}, Blocks{0, 4}, Blocks{0, -1}}) {
    EXPECT_THROW(list.Release(batch, 11), std::logic_error);
    EXPECT_EQ(1, list.free_count());
    EXPECT_EQ((Blocks{11, 11, 12, 0}), list.owners());
  }
}

TEST(BlockListTest, InvariantsHoldThroughRandomUse) {
  const unsigned seed = 6;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  BlockList list(50);
  std::vector<std::pair<int64_t, Blocks>> reservations;
  for (int64_t owner = 1; owner < 2000; ++owner) {
    const int64_t count = random() % 20;
    if (count <= list.free_count()) {
      reservations.push_back({owner, list.Take(count, owner)});
    } else {
      const size_t victim = random() % reservations.size();
      list.Release(reservations[victim].second, reservations[victim].first);
      reservations.erase(reservations.begin() + victim);
    }
    int64_t reserved = 0;
    for (const auto& [unused, blocks] : reservations) reserved += blocks.size();
    ASSERT_EQ(50, list.free_count() + reserved);
    ASSERT_TRUE(Violations(list.owners(), list.free_blocks()).empty());
  }
}

// One valid state, one thing broken at a time.
TEST(BlockListTest, ViolationsAreFound) {
  const Blocks owners = {11, 0, 0}, free = {2, 1};
  EXPECT_TRUE(Violations(owners, free).empty());
  EXPECT_EQ(1u, Violations(owners, {2}).size());
  EXPECT_EQ(1u, Violations(owners, {2, 1, 1}).size());
  EXPECT_EQ(1u, Violations(owners, {2, 1, 0}).size());
  EXPECT_EQ(1u, Violations(owners, {2, 1, 3}).size());
  EXPECT_EQ(1u, Violations({0, 0, 0}, free).size());
  EXPECT_EQ(1u, Violations({11, 12, 0}, free).size());
}

}  // namespace
}  // namespace cacheblend
