#include "pool/kv_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "pool/cuda/cuda_event.h"
#include "pool/errors.h"
#include "pool/kv_sequence.h"
#include "pool/sequence_step.h"
#include "pool/stored_chunk.h"
#include "test/cuda/blocked_stream.h"
#include "test/cuda/device.h"

namespace cacheblend {
namespace {

constexpr KvShape kShape{2, 1, 8};

class CudaKvPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_GPU();
    pool_ = KvPool::Create(kShape, 16, {0, ElementType::kFloat16});
  }

  static void RunStep(KvSequence& sequence, int64_t row_count, cudaStream_t stream) {
    std::vector<int64_t> positions(row_count);
    std::iota(positions.begin(), positions.end(), 0);
    BeginStep(sequence, 0, positions.data(), row_count, 10000);
    for (int layer = 0; layer < kShape.layer_count; ++layer) {
      CommitFill(sequence, layer, PlanFill(sequence, layer));
    }
    sequence.EndDeviceStep(std::make_shared<CudaEvent>(stream));
  }

  std::shared_ptr<KvPool> pool_;
};

TEST_F(CudaKvPoolTest, ClosingASequenceDoesNotWaitForOtherStreams) {
  const cuda::TestStream stream;
  auto sequence = pool_->Reserve(64);
  RunStep(*sequence, 3, stream.stream());
  cuda::BlockedStream other;
  sequence.reset();
  EXPECT_FALSE(other.TimedOut());
  EXPECT_EQ(16, pool_->Statistics().free_block_count);
}

TEST_F(CudaKvPoolTest, ClosingASequenceWaitsForItsOwnStep) {
  cuda::BlockedStream stream;
  auto sequence = pool_->Reserve(64);
  RunStep(*sequence, 3, stream.stream());
  std::thread release([&] { stream.Release(); });
  sequence.reset();
  EXPECT_EQ(cudaSuccess, cudaStreamQuery(stream.stream()));
  release.join();
}

TEST_F(CudaKvPoolTest, ChunksAreAllocatedAndFreedWhileTheDeviceWorks) {
  pool_->AllocateChunk(100).reset();
  cuda::BlockedStream other;
  auto chunk = pool_->AllocateChunk(100);
  chunk.reset();
  EXPECT_FALSE(other.TimedOut());
}

TEST_F(CudaKvPoolTest, ChunkMemoryIsReused) {
  const void* first = pool_->AllocateChunk(100)->Rows(0, false, 0);
  EXPECT_EQ(first, pool_->AllocateChunk(100)->Rows(0, false, 0));
}

TEST_F(CudaKvPoolTest, ChunksBeyondTheDeviceAreRefused) {
  EXPECT_THROW(pool_->AllocateChunk(int64_t{1} << 40), KvExhausted);
  pool_->AllocateChunk(100);  // the device still works
}

}  // namespace
}  // namespace cacheblend
