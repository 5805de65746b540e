#include "pool/block_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace cacheblend {
namespace {

using Blocks = std::vector<int64_t>;

BlockKey Key(uint8_t id) { return {id}; }

std::vector<BlockKey> Keys(std::initializer_list<uint8_t> ids) {
  std::vector<BlockKey> keys;
  for (uint8_t id : ids) keys.push_back(Key(id));
  return keys;
}

// Blocks 0, 1 and 2 are idle under the keys 10, 11 and 12.
BlockCache IdlePath() {
  BlockCache cache(6);
  for (int64_t block : {0, 1, 2}) cache.Add(Key(10 + block), block);
  EXPECT_TRUE(cache.Release({0, 1, 2}).empty());
  return cache;
}

TEST(BlockCacheTest, ARunEndsAtTheFirstMissingKey) {
  const BlockCache cache = IdlePath();
  EXPECT_EQ((Blocks{0, 1}), cache.Find(Keys({10, 11, 99, 12})));
  EXPECT_EQ(Blocks{}, cache.Find(Keys({99, 10})));
  EXPECT_EQ(3, cache.found_count());
  EXPECT_EQ(3, cache.idle_count());
}

TEST(BlockCacheTest, APathIsEvictedFromItsEnd) {
  BlockCache cache = IdlePath();
  EXPECT_EQ(2, cache.Evict());
  EXPECT_EQ(1, cache.Evict());
  EXPECT_EQ(0, cache.Evict());
  EXPECT_EQ(3, cache.evicted_count());
  EXPECT_EQ(-1, cache.Find(Key(10)));
  EXPECT_THROW(cache.Evict(), std::logic_error);
}

TEST(BlockCacheTest, TheLeastRecentlyUsedPathIsEvictedFirst) {
  BlockCache cache = IdlePath();
  cache.Add(Key(20), 3);
  cache.Release({3});
  cache.Use({0});  // a path that shares the first block
  cache.Add(Key(30), 4);
  cache.Release({0, 4});
  Blocks evicted;
  while (cache.idle_count() > 0) evicted.push_back(cache.Evict());
  EXPECT_EQ((Blocks{2, 1, 3, 4, 0}), evicted);
}

TEST(BlockCacheTest, ABlockInUseIsNotEvicted) {
  BlockCache cache = IdlePath();
  cache.Use({0, 1});
  cache.Use({0});
  EXPECT_EQ(1, cache.idle_count());
  EXPECT_EQ(1, cache.CountIdle({0, 1, 2}));
  EXPECT_EQ(2, cache.Evict());
  EXPECT_THROW(cache.Evict(), std::logic_error);
  cache.Release({0, 1});
  EXPECT_EQ(1, cache.Evict());
  EXPECT_THROW(cache.Evict(), std::logic_error);  // block 0 has a user left
  cache.Release({0});
  EXPECT_EQ(0, cache.Evict());
}

TEST(BlockCacheTest, DroppedBlocksAreReturnedWithTheirLastUser) {
  BlockCache cache = IdlePath();
  cache.Use({0});
  Blocks free = cache.DropAll();
  std::sort(free.begin(), free.end());
  EXPECT_EQ((Blocks{1, 2}), free);
  EXPECT_EQ(0, cache.found_count());
  EXPECT_FALSE(cache.Finds(0));
  EXPECT_TRUE(cache.Violations({true, false, false, false, false, false}).empty());
  EXPECT_EQ(Blocks{0}, cache.Release({0}));
  EXPECT_TRUE(cache.Violations(std::vector<bool>(6, false)).empty());
}

TEST(BlockCacheTest, ViolationsAreFound) {
  const BlockCache cache = IdlePath();
  EXPECT_TRUE(cache.Violations({true, true, true, false, false, false}).empty());
  EXPECT_EQ(1u, cache.Violations({true, true, false, false, false, false}).size());
  EXPECT_EQ(1u, cache.Violations({true, true, true, true, false, false}).size());
}

}  // namespace
}  // namespace cacheblend
