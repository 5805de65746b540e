#include "pool/inject_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/kv_view.h"
#include "pool/kv_pool.h"
#include "pool/stored_chunk.h"
#include "test/testing.h"

namespace cacheblend {
namespace {

constexpr int kHeads = 2, kHeadSize = 4;
constexpr KvShape kShape{1, kHeads, kHeadSize};
constexpr int64_t kRowSize = kShape.kv_head_count * kShape.head_size;

// Steps of one layer without rotation (cos 1, sin 0). Fresh rows hold 1000 + position, chunk rows
// 2000 + row.
class InjectPlanTest : public testing::Test {
 protected:
  void Step(KvSequence& sequence, std::vector<int64_t> positions, float base = 1000) {
    std::vector<float> rows;
    for (int64_t position : positions) rows.insert(rows.end(), kRowSize, base + position);
    InjectPlan plan(0, kShape, {rows.data(), kRowSize, rows.data(), kRowSize},
                    {cos_.data(), sin_.data(), 200});
    plan.Add(sequence, positions.data(), 0, positions.size());
    WriteKv({plan.rows().data(), plan.blocks().data(), int64_t(plan.blocks().size()), kHeads,
             kHeadSize},
            SerialFor());
    CopyRows(plan.captures().data(), plan.captures().size(), kRowSize, SerialFor());
    plan.Commit(1000);
  }

  std::string Failure(KvSequence& sequence, std::vector<int64_t> positions) {
    try {
      Step(sequence, positions);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "nothing was thrown";
  }

  std::shared_ptr<StoredChunk> Chunk(int64_t tokens) {
    auto chunk = pool_->AllocateChunk(tokens);
    for (int64_t row = 0; row < tokens; ++row) {
      std::fill_n(chunk->MutableKey(0, row), kRowSize, 2000 + row);
      std::fill_n(chunk->MutableValue(0, row), kRowSize, 2000 + row);
    }
    chunk->CommitRows(0, tokens);
    return chunk;
  }

  // The value of all elements of key and value at a position; -1 if they differ.
  static float At(const KvSequence& sequence, int64_t position) {
    const KvLayerView view = sequence.View(0);
    const int64_t block = position / kBlockTokens, slot = position % kBlockTokens;
    const float first = view.key_blocks[block][slot];
    for (int h = 0; h < kHeads; ++h) {
      for (int d = 0; d < kHeadSize; ++d) {
        if (view.key_blocks[block][(h * kHeadSize + d) * kBlockTokens + slot] != first) return -1;
      }
      for (int d = 0; d < 16; ++d) {
        const float value = view.value_blocks[block][(h * kBlockTokens + slot) * 16 + d];
        if (value != (d < kHeadSize ? first : 0)) return -1;
      }
    }
    return first;
  }

  std::shared_ptr<KvPool> pool_ = KvPool::Create(kShape, 4);
  std::vector<float> cos_ = std::vector<float>(200 * 2, 1), sin_ = std::vector<float>(200 * 2, 0);
};

std::vector<int64_t> Range(int64_t from, int64_t to) {
  std::vector<int64_t> positions;
  for (int64_t p = from; p < to; ++p) positions.push_back(p);
  return positions;
}

TEST_F(InjectPlanTest, ChunksAreInjectedByTheFirstStepOnly) {
  const auto sequence = pool_->Reserve(200);
  sequence->Inject(Chunk(90), 5);
  sequence->Inject(Chunk(10), 135);
  std::vector<int64_t> active = Range(0, 5);
  for (int64_t p : {6, 63, 64, 94, 95, 96}) active.push_back(p);
  Step(*sequence, active);
  for (int64_t p = 0; p < 192; ++p) {
    const bool is_active = std::find(active.begin(), active.end(), p) != active.end();
    const bool first = p >= 5 && p < 95, second = p >= 135 && p < 145;
    const float expected = is_active ? 1000 + p
                           : first   ? 2000 + p - 5
                           : second  ? 2000 + p - 135
                                     : 0;
    EXPECT_EQ(expected, At(*sequence, p)) << "position " << p;
  }
  EXPECT_EQ(1000 * 96 / 192, sequence->kv_load().busy_nanos);  // chunk rows of all rows written
  EXPECT_EQ(1000 * 96 / 192, sequence->kv_load().wait_nanos);
  Step(*sequence, Range(97, 135));
  Step(*sequence, {8, 145}, 3000);  // rewrites a cached row, reaches past the second chunk
  EXPECT_EQ(3008, At(*sequence, 8));
  EXPECT_EQ(2004, At(*sequence, 9));
  EXPECT_EQ(2009, At(*sequence, 144));
  EXPECT_EQ(3145, At(*sequence, 145));
  EXPECT_EQ(1000 * 96 / 192, sequence->kv_load().busy_nanos);
  Step(*sequence, {2});
  Step(*sequence, {146});  // covered positions stay covered
}

TEST_F(InjectPlanTest, NothingOfAnEarlierOwnerRemains) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  {
    const auto earlier = pool_->Reserve(256);
    for (int64_t block = 0; block < 4; ++block) {
      std::fill_n(static_cast<float*>(pool_->Keys(block, 0)),
                  pool_->layout().BlockBytes() / sizeof(float), nan);
    }
  }
  const auto sequence = pool_->Reserve(256);
  Step(*sequence, Range(0, 10));
  for (int64_t p = 0; p < 64; ++p) EXPECT_EQ(p < 10 ? 1000 + p : 0, At(*sequence, p));
  for (int64_t p = 10; p < 130; ++p) Step(*sequence, {p});  // decode enters two more blocks
  for (int64_t p = 0; p < 192; ++p) EXPECT_EQ(p < 130 ? 1000 + p : 0, At(*sequence, p));
  EXPECT_TRUE(std::isnan(sequence->View(0).key_blocks[3][0]));  // the last block is not entered
}

TEST_F(InjectPlanTest, PositionsWithoutKvAreRefused) {
  const auto sequence = pool_->Reserve(150);
  sequence->Inject(Chunk(10), 5);
  EXPECT_EQ("positions: sequence " + std::to_string(sequence->handle()) +
                " has no KV at position 15 in layer 0; make it active, inject it, or write it in "
                "an earlier"
                " step",
            Failure(*sequence, {0, 1, 2, 3, 4, 16}));
  EXPECT_NE("nothing was thrown", Failure(*sequence, {1, 2, 3, 4}));
  EXPECT_NE("nothing was thrown", Failure(*sequence, {0, 1, 2, 4}));
  EXPECT_NE("nothing was thrown", Failure(*sequence, {0, 1, 2, 2, 3, 4}));
  EXPECT_NE("nothing was thrown", Failure(*sequence, {1, 0, 2, 3, 4}));
  EXPECT_NE("nothing was thrown", Failure(*sequence, {-1, 0, 1, 2, 3, 4}));
  EXPECT_FALSE(sequence->layer(0).started);  // nothing was written
  Step(*sequence, Range(0, 5));
  EXPECT_EQ(5, sequence->layer(0).covered);
  EXPECT_NE("nothing was thrown", Failure(*sequence, {16}));
  Step(*sequence, {15});
  EXPECT_EQ(16, sequence->layer(0).covered);
  Step(*sequence, Range(16, 150));
  EXPECT_NE("nothing was thrown", Failure(*sequence, {150}));  // past the reservation
}

TEST_F(InjectPlanTest, PositionsPastTheTablesAreRefused) {
  const auto sequence = pool_->Reserve(256);
  Step(*sequence, Range(0, 200));
  EXPECT_EQ("positions: 200 in sequence " + std::to_string(sequence->handle()) +
                ", which reserves 256 tokens; the rotation tables hold 200 positions",
            Failure(*sequence, {200}));
}

TEST_F(InjectPlanTest, CaptureTakesRowsInOrderAndCompletes) {
  const auto sequence = pool_->Reserve(64);
  const auto chunk = pool_->AllocateChunk(6);
  sequence->Capture(chunk, 1);
  Step(*sequence, {0, 1, 2, 3});
  EXPECT_FALSE(chunk->complete());
  EXPECT_NE("nothing was thrown", Failure(*sequence, {3, 4}));  // row 2 of the chunk again
  Step(*sequence, {4, 5, 6, 7});
  EXPECT_TRUE(chunk->complete());
  for (int64_t row = 0; row < 6; ++row) {
    EXPECT_EQ(1001 + row, chunk->Key(0, row)[kRowSize - 1]);
    EXPECT_EQ(1001 + row, chunk->Value(0, row)[0]);
  }
  EXPECT_NE("nothing was thrown", Failure(*sequence, {6}));  // the chunk is complete
}

// Using a chunk never changes it, and two sequences can hold it at once.
TEST_F(InjectPlanTest, ChunksAreReadOnly) {
  const auto chunk = Chunk(10);
  const auto one = pool_->Reserve(64), two = pool_->Reserve(64);
  one->Inject(chunk, 0);
  two->Inject(chunk, 3);
  Step(*one, {4, 10});
  Step(*two, {0, 1, 2, 13});
  for (int64_t row = 0; row < 10; ++row) {
    EXPECT_EQ(2000 + row, chunk->Key(0, row)[0]);
    EXPECT_EQ(2000 + row, At(*two, 3 + row));
  }
  EXPECT_EQ(1004, At(*one, 4));
}

}  // namespace
}  // namespace cacheblend
