#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pool/block_list.h"
#include "pool/device.h"
#include "pool/device_table.h"
#include "pool/kv_layout.h"

namespace cacheblend {

class KvSequence;
class StoredChunk;

struct PoolSnapshot {
  int64_t total_block_count;
  int64_t free_block_count;
  int64_t reserved_block_count;
  int64_t byte_count;  // of all blocks, touched or not
  int64_t sequence_count;
  int64_t chunk_count;  // chunks that a sequence still places count until it is gone
  int64_t chunk_byte_count;
};

// KV blocks in one arena of the host or of a CUDA device. Reservations and chunks keep their pool
// alive. Thread-safe.
class KvPool : public std::enable_shared_from_this<KvPool> {
 public:
  static std::shared_ptr<KvPool> Create(KvShape shape, int64_t block_count, KvPlace place = {});
  // On this device, which is the one that the place names.
  static std::shared_ptr<KvPool> Create(KvShape shape, int64_t block_count, KvPlace place,
                                        std::shared_ptr<const Device> device);

  // Blocks for every token the sequence can ever have; they come back when it is destroyed.
  std::shared_ptr<KvSequence> Reserve(int64_t max_token_count);
  std::shared_ptr<StoredChunk> AllocateChunk(int64_t token_count);

  const KvShape& shape() const { return layout_.shape; }
  const KvLayout& layout() const { return layout_; }
  const Device& device() const { return *device_; }
  void* Keys(int64_t block, int layer) const;
  void* Values(int64_t block, int layer) const;
  int64_t block_count() const { return block_count_; }

  // Device memory that ops of one step at a time share; it only grows. Throws KvExhausted.
  void* Workspace(int64_t byte_count);

  PoolSnapshot Snapshot() const;
  std::vector<std::string> Violations() const;

 private:
  friend class KvSequence;
  friend class StoredChunk;

  KvPool(KvLayout layout, int64_t block_count, std::shared_ptr<const Device> device);
  void ReleaseSequence(const std::vector<int64_t>& blocks, int64_t owner);

  // A table with a copy of the bytes, the caller's own until it is returned. No step may read a
  // table that is returned: another sequence writes to it. Nothing is written where a table that
  // was returned holds these bytes: one prompt after the other gets the same blocks.
  std::unique_ptr<DeviceTable> TakeTable(const void* from_host, int64_t byte_count);
  void ReturnTable(std::unique_ptr<DeviceTable> table);
  void CountChunk(int64_t chunks, int64_t bytes);

  const KvLayout layout_;
  const int64_t block_count_;
  const std::shared_ptr<const Device> device_;
  const std::unique_ptr<Buffer> arena_;  // [block][layer][keys, values]
  std::unique_ptr<Buffer> workspace_;
  mutable std::mutex mutex_;  // guards all below, and workspace_
  BlockList blocks_;
  std::vector<std::unique_ptr<DeviceTable>> free_tables_;
  int64_t sequence_count_ = 0;
  int64_t chunk_count_ = 0;
  int64_t chunk_byte_count_ = 0;
};

}  // namespace cacheblend
