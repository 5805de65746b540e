#include "pool/chunk_load.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "pool/cuda/cuda_event.h"
#include "pool/device.h"
#include "pool/kv_pool.h"
#include "pool/layer_arrivals.h"
#include "pool/stored_chunk.h"
#include "test/cuda/blocked_stream.h"
#include "test/cuda/device.h"

namespace cacheblend {
namespace {

class CudaChunkLoadTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_GPU();
    pool_ = KvPool::Create({3, 2, 64}, 4, {0, ElementType::kBFloat16});
    bytes_ = pool_->layout().ChunkBytes(kTokens);
    host_ = pool_->device().AllocateHost(2 * bytes_, "a test");
    auto* data = static_cast<unsigned char*>(host_->data());
    for (int64_t i = 0; i < bytes_; ++i) data[i] = i * 31 % 251;
  }

  static constexpr int64_t kTokens = 500;
  std::shared_ptr<KvPool> pool_;
  std::shared_ptr<Buffer> host_;
  int64_t bytes_ = 0;
};

// Another stream of the device is blocked meanwhile: the load does not wait for it.
TEST_F(CudaChunkLoadTest, LayersArriveBesideOtherWork) {
  cuda::BlockedStream compute;
  const std::shared_ptr<StoredChunk> chunk = pool_->AllocateChunk(kTokens);
  {
    ChunkLoad load(host_, {chunk});
    for (int layer = 0; layer < 3; ++layer) load.NextLayer({layer * chunk->LayerBytes()});
    const auto fence = chunk->load()->Await(2);
    ASSERT_NE(nullptr, fence);
    fence->Wait();
  }
  EXPECT_EQ(nullptr, chunk->load()->Await(2));
  chunk->CopyToHost(static_cast<char*>(host_->data()) + bytes_);
  ASSERT_FALSE(compute.TimedOut());
  EXPECT_EQ(0, std::memcmp(host_->data(), static_cast<char*>(host_->data()) + bytes_, bytes_));
}

// The host goes on while the copy still has to run; the stream that joins its fence waits.
TEST_F(CudaChunkLoadTest, StreamsWaitForTheLayerThatTheyRead) {
  const std::shared_ptr<StoredChunk> chunk = pool_->AllocateChunk(kTokens);
  ChunkLoad load(host_, {chunk});
  load.NextLayer({0});
  const auto fence = chunk->load()->Await(0);
  const cuda::TestStream reader;
  static_cast<const CudaEvent&>(*fence).Join(reader.stream());
  std::vector<char> read(chunk->LayerBytes());
  cuda::Check(cudaMemcpyAsync(read.data(), chunk->Rows(0, false, 0), read.size(),
                              cudaMemcpyDeviceToHost, reader.stream()),
              "cudaMemcpyAsync");
  cuda::Check(cudaStreamSynchronize(reader.stream()), "cudaStreamSynchronize");
  EXPECT_EQ(0, std::memcmp(read.data(), host_->data(), read.size()));
}

}  // namespace
}  // namespace cacheblend
