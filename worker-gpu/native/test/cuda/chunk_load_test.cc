#include "pool/chunk_load.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "kernels/kv_encoding.h"
#include "pool/cuda/cuda_event.h"
#include "pool/device.h"
#include "pool/kv_pool.h"
#include "pool/layer_arrivals.h"
#include "pool/stored_chunk.h"
#include "test/cuda/blocked_stream.h"
#include "test/cuda/device.h"
#include "test/testing.h"

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

// Encoded on the device, then decoded there: both halves of the decoder's memory are reused, a
// layer takes two launches, and every chunk has other KV than its neighbours.
TEST_F(CudaChunkLoadTest, EncodedChunksArriveDecoded) {
  constexpr int kChunks = 20, kLayers = 5;
  const auto pool = KvPool::Create({kLayers, 2, 64}, 4, {0, ElementType::kBFloat16});
  const int64_t native_bytes = pool->layout().ChunkBytes(kTokens);
  const std::shared_ptr<Buffer> host =
      pool->device().AllocateHost((kChunks + 1) * native_bytes, "a test");
  const auto at = [&](int64_t chunk) {
    return static_cast<std::byte*>(host->data()) + chunk * native_bytes;
  };
  std::mt19937 random(9);
  const std::vector<float> kv = RandomFloats(kChunks * native_bytes / 2, random);
  for (size_t i = 0; i < kv.size(); ++i) {
    cuda::Encode(ElementType::kBFloat16, kv[i], host->data(), i);
  }
  for (const KvEncoding encoding : {KvEncoding::kFp8, KvEncoding::kInt8}) {
    std::vector<std::shared_ptr<StoredChunk>> computed, loaded;
    for (int i = 0; i < kChunks; ++i) {
      computed.push_back(pool->AllocateChunk(kTokens));
      loaded.push_back(pool->AllocateChunk(kTokens));
    }
    const auto load = [&](const std::vector<std::shared_ptr<StoredChunk>>& chunks,
                          KvEncoding from) {
      ChunkLoad all(host, chunks, from);
      for (int layer = 0; layer < kLayers; ++layer) {
        std::vector<int64_t> offsets;
        for (int i = 0; i < kChunks; ++i) {
          offsets.push_back(i * native_bytes + layer * chunks[i]->LayerBytes(from));
        }
        all.NextLayer(offsets);
      }
    };
    std::vector<std::byte> original(kChunks * native_bytes);
    std::memcpy(original.data(), host->data(), original.size());
    load(computed, KvEncoding::kNative);
    for (int i = 0; i < kChunks; ++i) computed[i]->CopyToHost(at(i), encoding);
    load(loaded, encoding);
    std::memcpy(host->data(), original.data(), original.size());
    const HeadForm form = pool->layout().HeadsIn(encoding);
    for (int i = 0; i < kChunks; ++i) {
      loaded[i]->CopyToHost(at(kChunks));
      std::vector<float> numbers(native_bytes / 2), expected(numbers.size());
      for (size_t n = 0; n < numbers.size(); ++n) {
        numbers[n] = cuda::Decode(ElementType::kBFloat16, at(i), n);
      }
      const int64_t heads = numbers.size() / form.head_size;
      std::vector<uint8_t> codes(numbers.size());
      std::vector<float> scales(heads);
      const HeadCodes on_host{codes.data(), scales.data()};
      EncodeHeads(encoding, numbers.data(), heads, form.head_size, on_host);
      DecodeHeads(encoding, on_host, heads, form.head_size, expected.data());
      for (size_t n = 0; n < numbers.size(); ++n) {
        ASSERT_EQ(cuda::Rounded(ElementType::kBFloat16, expected[n]),
                  cuda::Decode(ElementType::kBFloat16, at(kChunks), n))
            << "chunk " << i << ", number " << n;
      }
    }
  }
}

}  // namespace
}  // namespace cacheblend
