#include "pool/sequence_step.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "pool/kv_pool.h"
#include "pool/kv_sequence.h"
#include "pool/stored_chunk.h"
#include "test/testing.h"

namespace cacheblend {
namespace {

constexpr KvShape kShape{2, 1, 8};
constexpr int64_t kTables = 1000;

// Host side of device steps, without a device: blocks of 64 positions, two layers.
class SequenceStepTest : public testing::Test {
 protected:
  std::shared_ptr<StoredChunk> Chunk(int64_t tokens) {
    auto chunk = pool_->AllocateChunk(tokens);
    for (int layer = 0; layer < kShape.layer_count; ++layer) chunk->CommitRows(layer, tokens);
    return chunk;
  }

  void Begin(const std::vector<int64_t>& positions) {
    BeginStep(*sequence_, 0, positions.data(), positions.size(), kTables);
  }

  LayerFill Fill(int layer) {
    const LayerFill fill = PlanFill(*sequence_, layer);
    CommitFill(*sequence_, layer, fill);
    return fill;
  }

  static std::vector<int64_t> Range(int64_t from, int64_t to) {
    std::vector<int64_t> positions(to - from);
    std::iota(positions.begin(), positions.end(), from);
    return positions;
  }

  std::shared_ptr<KvPool> pool_ = KvPool::Create(kShape, 8);
  std::shared_ptr<KvSequence> sequence_ = pool_->Reserve(512);
};

TEST_F(SequenceStepTest, ForcedRowsAreThoseWithoutCacheAndTheLast) {
  sequence_->Inject(Chunk(10), 1);
  sequence_->Inject(Chunk(5), 20);
  Begin(Range(0, 25));
  EXPECT_EQ(25, sequence_->step().row_count);
  EXPECT_EQ(25 - 15 + 1, sequence_->step().forced_row_count);  // the last row is a cached one
}

TEST_F(SequenceStepTest, ASelectionKeepsForcedRowsAndItsKeepCount) {
  sequence_->Inject(Chunk(10), 1);
  Begin(Range(0, 12));
  EXPECT_EQ(12, KeepRows(*sequence_, -1));
  EXPECT_EQ(2 + 4, KeepRows(*sequence_, 4));
  EXPECT_EQ(2 + 4, KeepRows(*sequence_, 9));  // only four remain
  EXPECT_EQ(2, KeepRows(*sequence_, 0));
}

TEST_F(SequenceStepTest, WithAllRowsActiveNoChunkIsInjectedBeforeTheEnd) {
  sequence_->Inject(Chunk(100), 1);
  Begin(Range(0, 110));
  const LayerFill fill = Fill(0);
  EXPECT_EQ(110, fill.from);
  EXPECT_EQ(128, fill.to);
  EXPECT_EQ(110, fill.zeros_from);
  EXPECT_EQ(0, fill.injected_row_count);
}

TEST_F(SequenceStepTest, ASelectionTakesEffectInTheNextLayer) {
  sequence_->Inject(Chunk(100), 1);
  Begin(Range(0, 110));
  KeepRows(*sequence_, 5);
  EXPECT_EQ(110, sequence_->step().fresh_row_count);
  EXPECT_EQ(0, Fill(0).injected_row_count);
  EXPECT_EQ(15, sequence_->step().fresh_row_count);
  const LayerFill fill = Fill(1);
  EXPECT_EQ(1, fill.from);
  EXPECT_EQ(128, fill.to);
  EXPECT_EQ(100, fill.injected_row_count);
}

TEST_F(SequenceStepTest, AChoiceTakesEffectInTheFirstLayer) {
  sequence_->Inject(Chunk(100), 1);
  Begin(Range(0, 110));
  EXPECT_EQ(10 + 5, ChooseRows(*sequence_, 5));
  EXPECT_EQ(15, sequence_->step().fresh_row_count);
  EXPECT_EQ(100, Fill(0).injected_row_count);
  EXPECT_EQ(15, sequence_->fresh_row_layers());
  Fill(1);
  EXPECT_EQ(30, sequence_->fresh_row_layers());
}

TEST_F(SequenceStepTest, TheNextStepFillsLayersThatAProbeHasLeftOut) {
  sequence_->Inject(Chunk(100), 1);
  Begin({0, 101, 102});
  sequence_->step().layer_end = 1;
  EXPECT_TRUE(sequence_->step().InLayer(0));
  EXPECT_TRUE(sequence_->step().EndsIn(0));
  EXPECT_FALSE(sequence_->step().InLayer(1));
  EXPECT_EQ(100, Fill(0).injected_row_count);
  EXPECT_EQ(3, sequence_->fresh_row_layers());
  // Position 101 has KV in layer 0 only.
  EXPECT_THROW(Begin({0, 102}), std::invalid_argument);
  Begin(Range(0, 103));
  EXPECT_TRUE(sequence_->step().InLayer(1));
  EXPECT_EQ(3 + 5, ChooseRows(*sequence_, 5));
  EXPECT_EQ(0, Fill(0).injected_row_count);
  EXPECT_EQ(100, Fill(1).injected_row_count);
  EXPECT_EQ(103, sequence_->layer(1).covered);
  EXPECT_EQ(3 + 2 * 8, sequence_->fresh_row_layers());
  Begin({103});
  Fill(0);
  EXPECT_EQ(104, Fill(1).covered);
}

TEST_F(SequenceStepTest, AProbeHasTheRowsBehindTheLastChunkAsQueries) {
  sequence_->Inject(Chunk(10), 1);
  sequence_->Inject(Chunk(4), 14);
  const std::vector<int64_t> rows = {0, 11, 12, 13, 18, 19};
  EXPECT_THROW(BeginProbe(*sequence_, rows.data(), rows.size(), 2), std::invalid_argument);
  sequence_->AllocateAttention();
  EXPECT_FALSE(sequence_->attention()->probed());
  BeginProbe(*sequence_, rows.data(), rows.size(), 2);
  const AttentionMass& mass = *sequence_->attention();
  EXPECT_TRUE(mass.probed());
  EXPECT_EQ(18, mass.key_end());
  EXPECT_EQ(2, mass.query_count());
  EXPECT_FLOAT_EQ(1.0f / (2 * 8 * 2), mass.Weight(8));
  EXPECT_EQ(512, mass.stride());
  // A question row is missing.
  const std::vector<int64_t> incomplete = {0, 11, 12, 13, 19};
  EXPECT_THROW(BeginProbe(*sequence_, incomplete.data(), incomplete.size(), 2),
               std::invalid_argument);
}

TEST_F(SequenceStepTest, WhereAChunkEndsThePromptTheLastRowIsTheQuery) {
  sequence_->Inject(Chunk(10), 1);
  sequence_->AllocateAttention();
  const std::vector<int64_t> rows = {0, 10};
  BeginProbe(*sequence_, rows.data(), rows.size(), 1);
  EXPECT_EQ(10, sequence_->attention()->key_end());
  EXPECT_EQ(1, sequence_->attention()->query_count());
}

TEST_F(SequenceStepTest, TheFirstStepInjectsChunksAfterItsLastRow) {
  sequence_->Inject(Chunk(10), 5);
  sequence_->Inject(Chunk(60), 100);
  Begin({0, 1, 2, 3, 4, 14});
  const LayerFill fill = Fill(0);
  EXPECT_EQ(5, fill.from);
  EXPECT_EQ(192, fill.to);
  EXPECT_EQ(15, fill.zeros_from);
  EXPECT_EQ(70, fill.injected_row_count);
}

TEST_F(SequenceStepTest, ALaterStepClearsOnlyTheBlocksItEnters) {
  sequence_->Inject(Chunk(10), 1);
  Begin(Range(0, 63));
  Fill(0);
  Fill(1);
  Begin({63});
  EXPECT_TRUE(Fill(0).empty());
  Fill(1);
  Begin({64});
  const LayerFill fill = Fill(0);
  EXPECT_EQ(65, fill.from);
  EXPECT_EQ(128, fill.to);
  EXPECT_EQ(65, fill.zeros_from);
  EXPECT_EQ(0, fill.injected_row_count);
}

TEST_F(SequenceStepTest, ABlockThatAllLayersEnterIsFilledAtTheBeginOfAStep) {
  Begin(Range(0, 60));
  EXPECT_EQ(-1, EnterBlock(*sequence_, 60)) << "the first step";
  Fill(0);
  EXPECT_EQ(-1, EnterBlock(*sequence_, 65)) << "a layer has run no step";
  Fill(1);
  for (int64_t position = 60; position < 64; ++position) {
    Begin({position});
    EXPECT_EQ(-1, EnterBlock(*sequence_, position + 1)) << "the block is entered already";
    for (int layer : {0, 1}) EXPECT_TRUE(Fill(layer).empty());
  }
  Begin({64});
  EXPECT_EQ(sequence_->block(1), EnterBlock(*sequence_, 65));
  for (int layer : {0, 1}) EXPECT_TRUE(Fill(layer).empty());
  Begin({65});
  EXPECT_EQ(-1, EnterBlock(*sequence_, 66));
  for (int layer : {0, 1}) EXPECT_TRUE(Fill(layer).empty());

  Begin(Range(66, 300));
  EXPECT_EQ(-1, EnterBlock(*sequence_, 300)) << "most of these blocks take fresh rows";
  for (int layer : {0, 1}) EXPECT_EQ(300, Fill(layer).zeros_from);
}

TEST_F(SequenceStepTest, CapturedRowsCompleteTheChunkLayerByLayer) {
  const auto chunk = pool_->AllocateChunk(3);
  sequence_->Capture(chunk, 1);
  Begin(Range(0, 4));
  Fill(0);
  EXPECT_FALSE(chunk->complete());
  Fill(1);
  EXPECT_TRUE(chunk->complete());
}

TEST_F(SequenceStepTest, AWrongStepDoesNotBegin) {
  EXPECT_THROW(Begin({3, 3}), std::invalid_argument);
  EXPECT_THROW(Begin({-1}), std::invalid_argument);
  EXPECT_THROW(Begin({512}), std::invalid_argument);
  EXPECT_THROW(Begin({0, 2}), std::invalid_argument);  // no KV at position 1
  EXPECT_EQ(0, sequence_->step().row_count);
  const int64_t first = 0;
  EXPECT_THROW(BeginStep(*sequence_, 0, &first, 1, 0), std::invalid_argument);  // no tables
}

TEST_F(SequenceStepTest, ALayerThatMissedAStepIsRefused) {
  Begin({0});
  Fill(0);
  Begin({1});
  Fill(0);
  EXPECT_THROW(PlanFill(*sequence_, 1), std::invalid_argument);
}

TEST_F(SequenceStepTest, ACapturingSequenceMustKeepAllRows) {
  sequence_->Inject(Chunk(4), 10);
  sequence_->Capture(pool_->AllocateChunk(3), 1);
  Begin(Range(0, 20));
  KeepRows(*sequence_, 0);
  Fill(0);
  EXPECT_THROW(PlanFill(*sequence_, 1), std::invalid_argument);
}

}  // namespace
}  // namespace cacheblend
