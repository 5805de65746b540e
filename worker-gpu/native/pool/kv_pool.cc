#include "pool/kv_pool.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

#include "kernels/kv_view.h"
#include "pool/errors.h"
#include "pool/handles.h"
#include "pool/kv_sequence.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

void CheckPositive(const char* what, int64_t value) {
  if (value < 1) throw std::invalid_argument(Text(what, " is ", value, ", must be 1 or more"));
}

// Powers of two, so that a returned table fits the next sequence.
int64_t TableBytes(int64_t byte_count) {
  int64_t size = 4096;
  while (size < byte_count) size *= 2;
  return size;
}

int64_t CheckedProduct(int64_t count, int64_t byte_count) {
  if (count > std::numeric_limits<int64_t>::max() / 8 / byte_count) {
    throw KvExhausted(Text("KV of ", count, " times ", byte_count, " bytes exceeds any memory"));
  }
  return count * byte_count;
}

}  // namespace

std::shared_ptr<KvPool> KvPool::Create(KvShape shape, int64_t block_count, KvStorage storage) {
  return Create(shape, block_count, storage, OpenDevice(storage.cuda_device));
}

std::shared_ptr<KvPool> KvPool::Create(KvShape shape, int64_t block_count, KvStorage storage,
                                       std::shared_ptr<const Device> device) {
  shape.Validate();
  CheckPositive("block count", block_count);
  if (storage.on_host() && storage.type != ElementType::kFloat32) {
    throw std::invalid_argument("KV in host memory must be fp32");
  }
  return std::shared_ptr<KvPool>(new KvPool({shape, storage}, block_count, std::move(device)));
}

KvPool::KvPool(KvLayout layout, int64_t block_count, std::shared_ptr<const Device> device)
    : layout_(layout),
      block_count_(block_count),
      device_(std::move(device)),
      arena_(device_->Allocate(CheckedProduct(block_count, layout.BlockBytes()), "KV blocks")),
      blocks_(block_count),
      cache_(block_count) {}

std::shared_ptr<KvSequence> KvPool::Reserve(int64_t max_token_count,
                                            const std::vector<BlockKey>& prefix) {
  CheckPositive("max token count", max_token_count);
  const int64_t block_count = (max_token_count - 1) / kBlockTokens + 1;
  if (static_cast<int64_t>(prefix.size()) > block_count) {
    throw std::invalid_argument(Text(prefix.size(), " block keys for a reservation of ",
                                     block_count, " blocks; give one for each full block"));
  }
  const int64_t handle = NextHandle();
  std::vector<int64_t> shared, blocks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    shared = cache_.Find(prefix);
    const int64_t count = block_count - static_cast<int64_t>(shared.size());
    const int64_t evictable = cache_.idle_count() - cache_.CountIdle(shared);
    if (count > blocks_.free_count() + evictable) {
      throw KvExhausted(Text("needs ", count, " KV blocks, ", blocks_.free_count() + evictable,
                             " of ", blocks_.total_count(), " are free"));
    }
    cache_.Use(shared);
    while (blocks_.free_count() < count) blocks_.Release({cache_.Evict()}, BlockList::kCache);
    blocks = blocks_.Take(count, handle);
    ++sequence_count_;
  }
  blocks.insert(blocks.begin(), shared.begin(), shared.end());
  try {
    return std::make_shared<KvSequence>(shared_from_this(), handle, blocks, shared,
                                        max_token_count);
  } catch (...) {
    ReleaseSequence(blocks, shared, handle);
    throw;
  }
}

void KvPool::Publish(const std::vector<BlockKey>& keys, const std::vector<int64_t>& blocks,
                     std::vector<int64_t>& shared, int64_t owner) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Blocks that follow a dropped one would never be found.
  if (!shared.empty() && !cache_.Finds(shared.back())) return;
  for (size_t i = shared.size(); i < keys.size(); ++i) {
    const int64_t other = cache_.Find(keys[i]);
    if (other >= 0) {
      cache_.Use({other});
      shared.push_back(other);
    } else {
      blocks_.Transfer(blocks[i], owner, BlockList::kCache);
      cache_.Add(keys[i], blocks[i]);
      shared.push_back(blocks[i]);
    }
  }
}

int64_t KvPool::DropCachedBlocks() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t count = cache_.found_count();
  blocks_.Release(cache_.DropAll(), BlockList::kCache);
  return count;
}

std::shared_ptr<StoredChunk> KvPool::AllocateChunk(int64_t token_count) {
  CheckPositive("chunk token count", token_count);
  CheckedProduct(token_count, layout_.ChunkBytes(1));
  return std::make_shared<StoredChunk>(shared_from_this(), token_count);
}

void* KvPool::Keys(int64_t block, int layer) const {
  return static_cast<std::byte*>(arena_->data()) + block * layout_.BlockBytes() +
         layer * layout_.LayerBytes();
}

void* KvPool::Values(int64_t block, int layer) const {
  return static_cast<std::byte*>(Keys(block, layer)) + layout_.KeyBlockBytes();
}

PoolStatistics KvPool::Statistics() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t total = blocks_.total_count();
  const int64_t free = blocks_.free_count() + cache_.idle_count();
  return {total,
          free,
          total - free,
          arena_->byte_count(),
          sequence_count_,
          chunk_count_,
          chunk_byte_count_,
          cache_.found_count(),
          cache_.evicted_count()};
}

std::vector<std::string> KvPool::Violations() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> violations =
      cacheblend::Violations(blocks_.owners(), blocks_.free_blocks());
  std::vector<bool> cached;
  for (int64_t owner : blocks_.owners()) cached.push_back(owner == BlockList::kCache);
  for (const std::string& violation : cache_.Violations(cached)) violations.push_back(violation);
  return violations;
}

void KvPool::ReleaseSequence(const std::vector<int64_t>& blocks, const std::vector<int64_t>& shared,
                             int64_t owner) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<int64_t> own;  // where `shared` has another block with the same KV, too
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (i >= shared.size() || shared[i] != blocks[i]) own.push_back(blocks[i]);
  }
  blocks_.Release(own, owner);
  blocks_.Release(cache_.Release(shared), BlockList::kCache);
  --sequence_count_;
}

std::unique_ptr<DeviceTable> KvPool::TakeTable(const void* from_host, int64_t byte_count) {
  std::unique_ptr<DeviceTable> table;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto found = std::find_if(free_tables_.begin(), free_tables_.end(),
                              [&](const auto& free) { return free->Holds(from_host, byte_count); });
    if (found == free_tables_.end()) {
      found = std::find_if(free_tables_.begin(), free_tables_.end(), [&](const auto& free) {
        return free->memory->byte_count() >= byte_count;
      });
    }
    if (found != free_tables_.end()) {
      table = std::move(*found);
      free_tables_.erase(found);
    }
  }
  if (table == nullptr) {
    table = std::make_unique<DeviceTable>();
    table->memory = device_->Allocate(TableBytes(byte_count), "the tables of a sequence");
  }
  if (!table->Holds(from_host, byte_count)) {
    const auto* bytes = static_cast<const std::byte*>(from_host);
    table->content.assign(bytes, bytes + byte_count);
    device_->Write(table->memory->data(), from_host, byte_count);
  }
  return table;
}

void KvPool::ReturnTable(std::unique_ptr<DeviceTable> table) {
  if (table == nullptr) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  free_tables_.push_back(std::move(table));
}

void KvPool::CountChunk(int64_t chunks, int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  chunk_count_ += chunks;
  chunk_byte_count_ += bytes;
}

}  // namespace cacheblend
