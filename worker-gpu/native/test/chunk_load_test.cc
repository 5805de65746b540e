#include "pool/chunk_load.h"

#include <gtest/gtest.h>

#include <cstring>
#include <future>
#include <thread>
#include <vector>

#include "pool/device.h"
#include "pool/kv_pool.h"
#include "pool/kv_sequence.h"
#include "pool/layer_fill.h"
#include "pool/stored_chunk.h"

namespace cacheblend {
namespace {

constexpr KvShape kShape{3, 2, 4};
constexpr int64_t kTokens = 5;

class ChunkLoadTest : public ::testing::Test {
 protected:
  ChunkLoadTest() {
    auto* bytes = static_cast<unsigned char*>(host_->data());
    for (int64_t i = 0; i < host_->byte_count(); ++i) bytes[i] = i * 31 % 251;
  }

  std::shared_ptr<StoredChunk> Chunk() { return pool_->AllocateChunk(kTokens); }
  int64_t ChunkBytes() { return pool_->layout().ChunkBytes(kTokens); }

  const std::shared_ptr<KvPool> pool_ = KvPool::Create(kShape, 4);
  const std::shared_ptr<Buffer> host_ =
      pool_->device().AllocateHost(4 * pool_->layout().ChunkBytes(kTokens), "a test");
};

TEST_F(ChunkLoadTest, LayersArriveFromTheirOffsets) {
  const auto first = Chunk(), second = Chunk();
  const int64_t layer_bytes = first->LayerBytes();
  {
    ChunkLoad load(host_, {first, second});
    for (int layer = 0; layer < kShape.layer_count; ++layer) {
      load.NextLayer({layer * layer_bytes, ChunkBytes() + 8 + layer * layer_bytes});
    }
  }
  const auto* host = static_cast<const char*>(host_->data());
  EXPECT_EQ(0, std::memcmp(first->Rows(0, false, 0), host, ChunkBytes()));
  EXPECT_EQ(0, std::memcmp(second->Rows(0, false, 0), host + ChunkBytes() + 8, ChunkBytes()));

  first->CopyToHost(static_cast<char*>(host_->data()) + 2 * ChunkBytes());
  EXPECT_EQ(0, std::memcmp(host + 2 * ChunkBytes(), host, ChunkBytes()));
}

// Bytes of the host are arbitrary KV: what matters is which rows and layers they go to.
TEST_F(ChunkLoadTest, EncodedLayersArriveWhereTheyBelong) {
  auto* const kv = static_cast<float*>(host_->data());
  for (int64_t i = 0; i < ChunkBytes() / 4; ++i) kv[i] = (i * 37 % 101 - 50) * (1 + i / 8);
  const auto first = Chunk(), second = Chunk();
  {
    ChunkLoad load(host_, {first});
    for (int layer = 0; layer < kShape.layer_count; ++layer) {
      load.NextLayer({layer * first->LayerBytes()});
    }
  }
  char* const encoded = static_cast<char*>(host_->data()) + ChunkBytes();
  first->CopyToHost(encoded, KvEncoding::kInt8);
  const int64_t layer_bytes = first->LayerBytes(KvEncoding::kInt8);
  EXPECT_EQ(2 * kTokens * 2 * (4 + 4), layer_bytes);
  {
    ChunkLoad load(host_, {second}, KvEncoding::kInt8);
    for (int layer = 0; layer < kShape.layer_count; ++layer) {
      load.NextLayer({ChunkBytes() + layer * layer_bytes});
    }
  }
  for (int layer = 0; layer < kShape.layer_count; ++layer) {
    for (int64_t row = 0; row < kTokens; ++row) {
      for (int64_t i = 0; i < kShape.RowSize(); ++i) {
        const float key = first->Key(layer, row)[i], value = first->Value(layer, row)[i];
        const float largest = 50.f * (1 + ChunkBytes() / 32);
        EXPECT_NEAR(key, second->Key(layer, row)[i], largest / 127) << layer << " " << row;
        EXPECT_NEAR(value, second->Value(layer, row)[i], largest / 127) << layer << " " << row;
      }
    }
  }
  ChunkLoad load(host_, {Chunk()}, KvEncoding::kFp8);
  EXPECT_THROW(load.NextLayer({host_->byte_count() - layer_bytes + 1}), std::invalid_argument);
}

TEST_F(ChunkLoadTest, AwaitBlocksUntilTheLayerArrives) {
  const auto chunk = Chunk();
  ChunkLoad load(host_, {chunk});
  load.NextLayer({0});
  EXPECT_EQ(nullptr, chunk->load()->Await(0));
  std::promise<void> started;
  std::future<const void*> layer = std::async(std::launch::async, [&]() -> const void* {
    started.set_value();
    chunk->load()->Await(1);
    return std::memchr(chunk->Rows(1, false, 0), 0, 1);  // zero unless it has arrived
  });
  started.get_future().wait();
  static_cast<char*>(host_->data())[0] = 7;
  load.NextLayer({0});
  EXPECT_EQ(nullptr, layer.get());
}

TEST_F(ChunkLoadTest, FailedLoadReleasesWaitingSteps) {
  const auto sound = Chunk(), failing = Chunk();
  ChunkLoad load(host_, {sound, failing});
  load.NextLayer({0, ChunkLoad::kFailed});
  failing->load()->Await(2);  // returns
  for (int layer = 1; layer < kShape.layer_count; ++layer) load.NextLayer({0, 0});
  EXPECT_TRUE(sound->load()->complete());
  EXPECT_FALSE(failing->load()->complete());
  EXPECT_THROW(failing->CopyToHost(host_->data()), std::logic_error);
}

TEST_F(ChunkLoadTest, EndOfAnIncompleteLoadReleasesWaitingSteps) {
  const auto chunk = Chunk();
  { ChunkLoad load(host_, {chunk}); }
  chunk->load()->Await(0);  // returns
  EXPECT_FALSE(chunk->load()->complete());
}

TEST_F(ChunkLoadTest, ChunkIsFilledOnce) {
  const auto loaded = Chunk(), captured = Chunk();
  ChunkLoad load(host_, {loaded});
  EXPECT_THROW(ChunkLoad(host_, {loaded}), std::logic_error);
  captured->BeginCapture();
  const auto other = Chunk();
  EXPECT_THROW(ChunkLoad(host_, {other, captured}), std::logic_error);
  other->load()->Await(0);  // its load has failed
}

TEST_F(ChunkLoadTest, OffsetsMustLieInTheHostMemory) {
  const auto chunk = Chunk();
  ChunkLoad load(host_, {chunk});
  EXPECT_THROW(load.NextLayer({-2}), std::invalid_argument);
  EXPECT_THROW(load.NextLayer({host_->byte_count() - chunk->LayerBytes() + 1}),
               std::invalid_argument);
  EXPECT_THROW(load.NextLayer({0, 0}), std::invalid_argument);
  load.NextLayer({host_->byte_count() - chunk->LayerBytes()});
}

TEST_F(ChunkLoadTest, StepAwaitsOnlyChunksThatItReads) {
  const auto sequence = pool_->Reserve(20);
  const auto chunk = Chunk();
  ChunkLoad load(host_, {chunk});
  sequence->Inject(chunk, 0);                                   // before its layers arrive
  EXPECT_TRUE(AwaitChunks(*sequence, 0, kTokens, 20).empty());  // returns: no chunk is there
  load.NextLayer({0});
  EXPECT_TRUE(AwaitChunks(*sequence, 0, 0, 20).empty());  // returns: the layer has arrived
}

}  // namespace
}  // namespace cacheblend
