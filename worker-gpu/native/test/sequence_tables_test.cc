#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/cuda/injections.h"
#include "pool/device.h"
#include "pool/kv_pool.h"
#include "pool/kv_sequence.h"
#include "pool/sequence_step.h"
#include "pool/stored_chunk.h"

namespace cacheblend {
namespace {

constexpr KvShape kShape{2, 1, 8};
constexpr KvStorage kStorage{0, ElementType::kFloat16};

// A device in host memory that counts its calls.
class CountingDevice : public Device {
 public:
  std::unique_ptr<Buffer> Allocate(int64_t byte_count, const char* purpose) const override {
    ++allocation_count;
    return host_->Allocate(byte_count, purpose);
  }
  std::unique_ptr<Buffer> AllocatePooled(int64_t byte_count, const char* purpose) const override {
    ++pooled_count;
    return host_->Allocate(byte_count, purpose);
  }
  std::unique_ptr<Buffer> AllocateHost(int64_t byte_count, const char* purpose) const override {
    return host_->AllocateHost(byte_count, purpose);
  }
  std::shared_ptr<const Fence> Enqueue(const std::vector<Upload>& uploads) const override {
    return host_->Enqueue(uploads);
  }
  void Download(void* to_host, const void* from, int64_t byte_count) const override {
    host_->Download(to_host, from, byte_count);
  }
  void DownloadEncoded(void* to_host, const void* from,
                       const EncodedLayers& layers) const override {
    host_->DownloadEncoded(to_host, from, layers);
  }
  std::unique_ptr<LayerDecoder> Decoder(const HeadForm& form,
                                        int64_t max_layer_byte_count) const override {
    return host_->Decoder(form, max_layer_byte_count);
  }
  void Write(void* to, const void* from_host, int64_t byte_count) const override {
    ++write_count;
    host_->Write(to, from_host, byte_count);
  }
  void Read(void* to_host, const void* from, int64_t byte_count) const override {
    host_->Read(to_host, from, byte_count);
  }
  void Synchronize() const override { ++synchronize_count; }
  DeviceMemory Memory() const override { return host_->Memory(); }

  mutable int allocation_count = 0, pooled_count = 0, write_count = 0, synchronize_count = 0;

 private:
  const std::shared_ptr<const Device> host_ = OpenDevice(KvStorage::kHost);
};

struct CountingFence : Fence {
  void Wait() const override { ++wait_count; }
  bool Passed() const override { return wait_count > 0; }
  mutable int wait_count = 0;
};

class SequenceTablesTest : public testing::Test {
 protected:
  std::shared_ptr<StoredChunk> Chunk(int64_t tokens) {
    auto chunk = pool_->AllocateChunk(tokens);
    for (int layer = 0; layer < kShape.layer_count; ++layer) chunk->CommitRows(layer, tokens);
    return chunk;
  }

  static void Begin(KvSequence& sequence, int64_t row_count) {
    std::vector<int64_t> positions(row_count);
    std::iota(positions.begin(), positions.end(), 0);
    BeginStep(sequence, 0, positions.data(), row_count, 10000);
  }

  static std::vector<cuda::Injection> InjectionsOf(const KvSequence& sequence, int64_t count) {
    std::vector<cuda::Injection> injections(count);
    std::memcpy(injections.data(), sequence.injection_table(), count * sizeof(cuda::Injection));
    return injections;
  }

  static std::vector<int32_t> BlocksOf(const KvSequence& sequence, int64_t count) {
    const auto* blocks = static_cast<const int32_t*>(sequence.block_table());
    return {blocks, blocks + count};
  }

  const std::shared_ptr<CountingDevice> device_ = std::make_shared<CountingDevice>();
  const std::shared_ptr<KvPool> pool_ = KvPool::Create(kShape, 4000, kStorage, device_);
};

TEST_F(SequenceTablesTest, ABegunStepHasItsTablesOnTheDevice) {
  const auto early = Chunk(10), late = Chunk(20);
  const auto sequence = pool_->Reserve(192);
  sequence->Inject(late, 100);
  sequence->Inject(early, 1);
  EXPECT_EQ(nullptr, sequence->injection_table());
  Begin(*sequence, 150);
  EXPECT_EQ((std::vector<int32_t>{0, 1, 2}), BlocksOf(*sequence, 3));
  const auto injections = InjectionsOf(*sequence, 2);
  EXPECT_EQ(1, injections[0].first);
  EXPECT_EQ(11, injections[0].end);
  EXPECT_EQ(early->Rows(0, false, 0), injections[0].chunk);
  EXPECT_EQ(100, injections[1].first);
  EXPECT_EQ(120, injections[1].end);
  EXPECT_EQ(late->Rows(0, false, 0), injections[1].chunk);
}

TEST_F(SequenceTablesTest, LaterStepsWriteNothing) {
  const auto sequence = pool_->Reserve(192);
  sequence->Inject(Chunk(10), 1);
  Begin(*sequence, 12);
  const int writes = device_->write_count;
  CommitFill(*sequence, 0, PlanFill(*sequence, 0));
  const int64_t next = 12;
  BeginStep(*sequence, 0, &next, 1, 10000);
  EXPECT_EQ(writes, device_->write_count);
}

TEST_F(SequenceTablesTest, WithoutInjectionsThereIsNoTableOfThem) {
  const auto sequence = pool_->Reserve(64);
  Begin(*sequence, 3);
  EXPECT_EQ(nullptr, sequence->injection_table());
  EXPECT_EQ(1, device_->write_count);  // blocks
}

TEST_F(SequenceTablesTest, AChunkInjectedAfterAFailedStepIsInTheTable) {
  const auto sequence = pool_->Reserve(192);
  sequence->Inject(Chunk(10), 1);
  Begin(*sequence, 12);
  EXPECT_EQ(0, device_->synchronize_count);
  sequence->Inject(Chunk(10), 50);
  EXPECT_EQ(1, device_->synchronize_count);
  Begin(*sequence, 100);
  EXPECT_EQ(50, InjectionsOf(*sequence, 2)[1].first);
}

TEST_F(SequenceTablesTest, TheNextSequenceTakesTheMemoryOfTheLast) {
  const auto chunk = Chunk(10);
  auto first = pool_->Reserve(192);
  first->Inject(chunk, 1);
  Begin(*first, 12);
  const int allocations = device_->allocation_count;
  first.reset();
  const auto second = pool_->Reserve(1000);
  second->Inject(chunk, 5);
  Begin(*second, 20);
  EXPECT_EQ(allocations, device_->allocation_count);
  EXPECT_EQ(5, InjectionsOf(*second, 1)[0].first);
  EXPECT_EQ(15, BlocksOf(*second, 16)[15]);
}

TEST_F(SequenceTablesTest, TablesThatTheDeviceHoldsAreNotWrittenAgain) {
  const auto chunk = Chunk(10);
  const auto write_count_of = [&](int64_t token_count, int64_t first_position) {
    const int before = device_->write_count;
    const auto sequence = pool_->Reserve(token_count);
    sequence->Inject(chunk, first_position);
    Begin(*sequence, 12);
    EXPECT_EQ(0, BlocksOf(*sequence, 1)[0]);
    EXPECT_EQ((token_count - 1) / 64, BlocksOf(*sequence, token_count / 64).back());
    EXPECT_EQ(first_position, InjectionsOf(*sequence, 1)[0].first);
    return device_->write_count - before;
  };
  EXPECT_EQ(2, write_count_of(192, 1));
  EXPECT_EQ(0, write_count_of(192, 1));
  EXPECT_EQ(1, write_count_of(192, 2));  // another position of the chunk
  EXPECT_EQ(0, write_count_of(128, 2));  // a prefix of the longer table
  EXPECT_EQ(1, write_count_of(256, 2));
}

TEST_F(SequenceTablesTest, OtherBlocksAreWritten) {
  pool_->Reserve(192).reset();
  const auto first = pool_->Reserve(64);
  const int writes = device_->write_count;
  const auto second = pool_->Reserve(64);
  EXPECT_EQ(writes + 1, device_->write_count);
  EXPECT_EQ(1, BlocksOf(*second, 1)[0]);
}

TEST_F(SequenceTablesTest, AFailedStepIsAwaitedByTheWholeDevice) {
  for (int layers = 0; layers <= kShape.layer_count; ++layers) {  // the layer that fails
    auto sequence = pool_->Reserve(64);
    Begin(*sequence, 3);
    for (int layer = 0; layer < layers; ++layer) {
      CommitFill(*sequence, layer, PlanFill(*sequence, layer));
    }
    EXPECT_EQ(layers, device_->synchronize_count);
    sequence.reset();
    EXPECT_EQ(layers + 1, device_->synchronize_count);
  }
}

TEST_F(SequenceTablesTest, AFinishedStepIsAwaitedByItsFenceAlone) {
  auto one = pool_->Reserve(64), two = pool_->Reserve(64), idle = pool_->Reserve(64);
  const auto first = std::make_shared<CountingFence>(), second = std::make_shared<CountingFence>();
  Begin(*one, 3);
  Begin(*two, 3);
  one->EndDeviceStep(first);
  two->EndDeviceStep(first);
  for (int layer = 0; layer < kShape.layer_count; ++layer) {
    CommitFill(*two, layer, PlanFill(*two, layer));
  }
  const int64_t next = 3;
  BeginStep(*two, 0, &next, 1, 10000);
  EXPECT_EQ(0, first->wait_count);
  two->EndDeviceStep(second);
  one.reset();
  EXPECT_EQ(1, first->wait_count);
  EXPECT_EQ(0, second->wait_count);
  two.reset();
  EXPECT_EQ(1, first->wait_count);  // the second step ran after it
  EXPECT_EQ(1, second->wait_count);
  idle.reset();
  EXPECT_EQ(0, device_->synchronize_count);
}

TEST_F(SequenceTablesTest, ChunksUsePooledMemory) {
  const int allocations = device_->allocation_count;
  const auto chunk = Chunk(10);
  EXPECT_EQ(allocations, device_->allocation_count);
  EXPECT_EQ(1, device_->pooled_count);
}

// The sequence may be the last owner of the chunk's memory.
TEST_F(SequenceTablesTest, AChunkIsFreedAfterTheStepThatReadsIt) {
  struct Observer : Fence {
    explicit Observer(const KvPool& p) : pool(p) {}
    void Wait() const override { chunks_at_wait = pool.Statistics().chunk_count; }
    bool Passed() const override { return chunks_at_wait >= 0; }
    const KvPool& pool;
    mutable int64_t chunks_at_wait = -1;
  };
  auto sequence = pool_->Reserve(64);
  sequence->Inject(Chunk(10), 1);
  Begin(*sequence, 12);
  const auto observer = std::make_shared<Observer>(*pool_);
  sequence->EndDeviceStep(observer);
  sequence.reset();
  EXPECT_EQ(1, observer->chunks_at_wait);
  EXPECT_EQ(0, pool_->Statistics().chunk_count);
}

TEST_F(SequenceTablesTest, RunningSequencesShareNoTable) {
  const auto one = pool_->Reserve(64), two = pool_->Reserve(64);
  EXPECT_EQ(0, BlocksOf(*one, 1)[0]);
  EXPECT_EQ(1, BlocksOf(*two, 1)[0]);
}

TEST_F(SequenceTablesTest, ALongSequenceGetsATableThatHoldsItsBlocks) {
  pool_->Reserve(64).reset();  // returns a short table
  const int allocations = device_->allocation_count;
  const auto sequence = pool_->Reserve(3000 * 64);
  EXPECT_EQ(allocations + 1, device_->allocation_count);
  EXPECT_EQ(2999, BlocksOf(*sequence, 3000)[2999]);
}

}  // namespace
}  // namespace cacheblend
