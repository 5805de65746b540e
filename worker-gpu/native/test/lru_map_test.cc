#include "kernels/lru_map.h"

#include <gtest/gtest.h>

#include <memory>

#include "kernels/row_bucket.h"

namespace cacheblend {
namespace {

TEST(LruMapTest, FindsWhatWasInserted) {
  LruMap<int, std::unique_ptr<int>> map(2);
  EXPECT_EQ(nullptr, map.Find(1));
  EXPECT_EQ(10, *map.Insert(1, std::make_unique<int>(10)));
  EXPECT_EQ(10, **map.Find(1));
  EXPECT_EQ(1u, map.size());
}

TEST(LruMapTest, EvictsTheLeastRecentlyUsedEntryAlone) {
  LruMap<int, int> map(3);
  for (int key : {1, 2, 3}) map.Insert(key, 10 * key);
  map.Find(1);
  map.Insert(4, 40);
  EXPECT_EQ(nullptr, map.Find(2));
  for (int key : {1, 3, 4}) {
    ASSERT_NE(nullptr, map.Find(key)) << key;
    EXPECT_EQ(10 * key, *map.Find(key));
  }
  EXPECT_EQ(3u, map.size());
}

// A workload that inserts a new key between any two uses of a hot one.
TEST(LruMapTest, HotEntriesSurviveAnyNumberOfInsertions) {
  LruMap<int, int> map(8);
  map.Insert(-1, 5);
  for (int key = 0; key < 1000; ++key) {
    map.Insert(key, key);
    ASSERT_NE(nullptr, map.Find(-1)) << key;
  }
  EXPECT_EQ(8u, map.size());
}

TEST(LruMapTest, ClearEmptiesTheMap) {
  LruMap<int, int> map(2);
  map.Insert(1, 1);
  map.Clear();
  EXPECT_EQ(nullptr, map.Find(1));
  map.Insert(1, 2);
  EXPECT_EQ(2, *map.Find(1));
}

TEST(RowBucketTest, IsExactForShortStepsAndRoundsUpLongOnes) {
  int64_t buckets = 0, last = 0;
  for (int64_t rows = 1; rows <= 16384; ++rows) {
    const int64_t bucket = RowBucket(rows);
    ASSERT_GE(bucket, rows);
    ASSERT_LE(bucket - rows, rows / 1024) << rows;
    ASSERT_GE(bucket, last) << rows;
    ASSERT_EQ(bucket, RowBucket(bucket)) << rows;
    buckets += bucket != last;
    last = bucket;
  }
  EXPECT_EQ(5120, buckets);
}

}  // namespace
}  // namespace cacheblend
