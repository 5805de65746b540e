#include "pool/kv_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "kernels/kv_view.h"
#include "pool/errors.h"
#include "pool/handles.h"
#include "pool/kv_sequence.h"
#include "pool/stored_chunk.h"

namespace cacheblend {
namespace {

constexpr KvShape kShape{2, 3, 24};

template <typename Exception, typename Body>
std::string MessageOf(const Body& body) {
  try {
    body();
  } catch (const Exception& e) {
    return e.what();
  }
  return "nothing was thrown";
}

// A chunk as if a sequence had captured it.
std::shared_ptr<StoredChunk> Captured(KvPool& pool, int64_t tokens) {
  auto chunk = pool.AllocateChunk(tokens);
  for (int layer = 0; layer < pool.shape().layer_count; ++layer) chunk->CommitRows(layer, tokens);
  return chunk;
}

TEST(KvPoolTest, BlocksAreAlignedDisjointAndZero) {
  const auto pool = KvPool::Create(kShape, 4);
  const float* end = nullptr;
  for (int64_t block = 0; block < 4; ++block) {
    for (int layer = 0; layer < 2; ++layer) {
      const auto* keys = static_cast<const float*>(pool->Keys(block, layer));
      const auto* values = static_cast<const float*>(pool->Values(block, layer));
      EXPECT_EQ(0u, reinterpret_cast<uintptr_t>(keys) % 64);
      EXPECT_EQ(0u, reinterpret_cast<uintptr_t>(values) % 64);
      if (end != nullptr) {
        EXPECT_EQ(end, keys);
      }
      EXPECT_EQ(keys + 3 * 24 * 64, values);
      end = values + 3 * 64 * 32;
      EXPECT_EQ(0, keys[0]);
      EXPECT_EQ(0, end[-1]);
    }
  }
  EXPECT_EQ(4 * 64 * pool->layout().BytesPerToken(), pool->Statistics().byte_count);
  EXPECT_EQ(2 * 3 * (24 + 32) * 4, pool->layout().BytesPerToken());
  EXPECT_EQ(2 * 3 * (24 + 24) * 4, pool->layout().ChunkBytes(1));
}

TEST(KvPoolTest, ReservationsRoundUpAndAreReleased) {
  const auto pool = KvPool::Create(kShape, 4);
  auto one = pool->Reserve(64), two = pool->Reserve(65);
  PoolStatistics statistics = pool->Statistics();
  EXPECT_EQ(4, statistics.total_block_count);
  EXPECT_EQ(1, statistics.free_block_count);
  EXPECT_EQ(3, statistics.reserved_block_count);
  EXPECT_EQ(2, statistics.sequence_count);
  EXPECT_EQ("needs 2 KV blocks, 1 of 4 are free",
            MessageOf<KvExhausted>([&] { pool->Reserve(128); }));
  EXPECT_EQ(2, pool->Statistics().sequence_count);
  two.reset();
  EXPECT_EQ(3, pool->Statistics().free_block_count);
  EXPECT_TRUE(pool->Violations().empty());
  EXPECT_THROW(pool->Reserve(0), std::invalid_argument);
  EXPECT_THROW(pool->Reserve(int64_t{1} << 62), KvExhausted);
}

TEST(KvPoolTest, ImpossibleShapesAndSizesAreRefused) {
  EXPECT_THROW(KvPool::Create({0, 1, 64}, 1), std::invalid_argument);
  EXPECT_THROW(KvPool::Create({1, -1, 64}, 1), std::invalid_argument);
  EXPECT_EQ("KV shape: head size is 63, must be even", MessageOf<std::invalid_argument>([] {
              KvPool::Create({1, 1, 63}, 1);
            }));
  EXPECT_THROW(KvPool::Create(kShape, 0), std::invalid_argument);
  EXPECT_THROW(KvPool::Create(kShape, int64_t{1} << 40), KvExhausted);
  EXPECT_THROW(KvPool::Create(kShape, int64_t{1} << 62), KvExhausted);
  EXPECT_THROW(KvPool::Create(kShape, 1)->AllocateChunk(int64_t{1} << 50), KvExhausted);
  EXPECT_THROW(KvPool::Create(kShape, 1)->AllocateChunk(0), std::invalid_argument);
}

TEST(KvPoolTest, SequencesAndChunksOutliveTheirPool) {
  auto pool = KvPool::Create(kShape, 4);
  auto sequence = pool->Reserve(100);
  auto chunk = pool->AllocateChunk(10);
  pool.reset();
  sequence->View(1).key_blocks[1][0] = 1;
  chunk->MutableValue(1, 9)[71] = 1;
}

TEST(KvPoolTest, ADroppedChunkLivesAsLongAsItIsInjected) {
  const auto pool = KvPool::Create(kShape, 4);
  auto sequence = pool->Reserve(100);
  sequence->Inject(Captured(*pool, 10), 5);
  EXPECT_EQ(1, pool->Statistics().chunk_count);
  EXPECT_EQ(2 * 2 * 10 * 72 * 4, pool->Statistics().chunk_byte_count);
  sequence.reset();
  EXPECT_EQ(0, pool->Statistics().chunk_count);
  EXPECT_EQ(0, pool->Statistics().chunk_byte_count);
}

TEST(KvSequenceTest, InjectionsAreChecked) {
  const auto pool = KvPool::Create(kShape, 4);
  const auto sequence = pool->Reserve(100);
  const auto chunk = Captured(*pool, 10);
  sequence->Inject(chunk, 20);
  sequence->Inject(chunk, 0);
  sequence->Inject(chunk, 10);  // adjacent
  EXPECT_EQ("positions 29 to 38 overlap the chunk at positions 20 to 29",
            MessageOf<std::invalid_argument>([&] { sequence->Inject(chunk, 29); }));
  EXPECT_THROW(sequence->Inject(chunk, 15), std::invalid_argument);
  EXPECT_THROW(sequence->Inject(chunk, -1), std::invalid_argument);
  EXPECT_EQ("a chunk of 10 tokens at position 91 does not fit a reservation of 100 tokens",
            MessageOf<std::invalid_argument>([&] { sequence->Inject(chunk, 91); }));
  EXPECT_EQ("a stored chunk can be injected only when all its KV is captured",
            MessageOf<std::logic_error>([&] { sequence->Inject(pool->AllocateChunk(5), 40); }));
  const auto stranger = KvPool::Create({2, 3, 16}, 1);
  EXPECT_THROW(sequence->Inject(Captured(*stranger, 5), 40), std::invalid_argument);
  EXPECT_EQ(3u, sequence->injections().size());

  EXPECT_EQ(nullptr, sequence->InjectionAt(30));
  EXPECT_EQ(0, sequence->InjectionAt(9)->first);
  EXPECT_EQ(10, sequence->InjectionAt(10)->first);
  EXPECT_EQ(20, sequence->InjectionAt(29)->first);

  sequence->layer(1).started = true;
  EXPECT_EQ("a sequence injects and captures chunks before its first step only",
            MessageOf<std::logic_error>([&] { sequence->Inject(chunk, 40); }));
}

TEST(KvSequenceTest, AChunkIsCapturedOnce) {
  const auto pool = KvPool::Create(kShape, 4);
  const auto one = pool->Reserve(64), two = pool->Reserve(64);
  const auto chunk = pool->AllocateChunk(5);
  one->Capture(chunk, 1);
  EXPECT_THROW(two->Capture(chunk, 1), std::logic_error);
  EXPECT_THROW(one->Capture(pool->AllocateChunk(5), 10), std::logic_error);
}

TEST(SequenceLeaseTest, ASequenceIsUsedByOneCallAtATime) {
  const auto pool = KvPool::Create(kShape, 4);
  const auto one = pool->Reserve(64), two = pool->Reserve(64);
  EXPECT_THROW(SequenceLease({one, two, one}), std::invalid_argument);
  {
    const SequenceLease lease({one, two});  // the refused call holds none
    EXPECT_THROW(SequenceLease({two}), std::invalid_argument);
  }
  const SequenceLease again({one, two});
}

TEST(HandlesTest, StaleHandlesAreErrors) {
  Handles<int> handles("number");
  const int64_t handle = handles.Add(NextHandle(), std::make_shared<int>(3));
  EXPECT_EQ(3, *handles.Get(handle));
  handles.Remove(handle);
  handles.Remove(handle);
  EXPECT_THROW(handles.Get(handle), std::invalid_argument);
  EXPECT_THROW(handles.Get(0), std::invalid_argument);
  EXPECT_NE(handle, handles.Add(NextHandle(), std::make_shared<int>(4)));
}

TEST(HandlesTest, PoolAndRegistryAreThreadSafe) {
  const auto pool = KvPool::Create(kShape, 64);
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const auto sequence = pool->Reserve(1 + i % 900);
        const int64_t handle = Sequences().Add(sequence->handle(), sequence);
        if (Sequences().Get(handle) != sequence) ++failures;
        Sequences().Remove(handle);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(0, failures);
  EXPECT_EQ(64, pool->Statistics().free_block_count);
  EXPECT_TRUE(pool->Violations().empty());
}

}  // namespace
}  // namespace cacheblend
