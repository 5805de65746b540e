#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pool/block_cache.h"
#include "pool/block_list.h"
#include "pool/device.h"
#include "pool/device_table.h"
#include "pool/kv_layout.h"

namespace cacheblend {

class KvSequence;
class StoredChunk;

struct PoolStatistics {
  int64_t total_block_count;
  int64_t free_block_count;      // used by no sequence, cached ones included
  int64_t reserved_block_count;  // used by sequences; a shared block counts once
  int64_t byte_count;            // of all blocks
  int64_t sequence_count;
  int64_t chunk_count;  // including closed chunks that a sequence still injects
  int64_t chunk_byte_count;
  int64_t cached_block_count;   // free or reserved, with KV that a later prompt can share
  int64_t evicted_block_count;  // cached blocks that sequences have taken, so far
};

// KV blocks in one arena of the host or of a CUDA device. Free blocks keep the KV of published
// prompts until a sequence takes them. Sequences and chunks keep their pool alive. Thread-safe.
class KvPool : public std::enable_shared_from_this<KvPool> {
 public:
  static std::shared_ptr<KvPool> Create(KvShape shape, int64_t block_count, KvStorage storage = {});
  // `device` is the one that the storage names.
  static std::shared_ptr<KvPool> Create(KvShape shape, int64_t block_count, KvStorage storage,
                                        std::shared_ptr<const Device> device);

  // Blocks for every token that the sequence can have, released with it. It shares the cached
  // blocks of the longest run of `prefix`, keys of its full blocks from the first one on. Throws
  // KvExhausted, and then has evicted nothing.
  std::shared_ptr<KvSequence> Reserve(int64_t max_token_count,
                                      const std::vector<BlockKey>& prefix = {});
  // Drops all cached blocks. Those that sequences use are released with them, and are found no
  // more. Returns their number.
  int64_t DropCachedBlocks();
  std::shared_ptr<StoredChunk> AllocateChunk(int64_t token_count);

  const KvShape& shape() const { return layout_.shape; }
  const KvLayout& layout() const { return layout_; }
  const Device& device() const { return *device_; }
  void* Keys(int64_t block, int layer) const;
  void* Values(int64_t block, int layer) const;
  int64_t block_count() const { return block_count_; }

  PoolStatistics Statistics() const;
  std::vector<std::string> Violations() const;

 private:
  friend class KvSequence;
  friend class StoredChunk;

  KvPool(KvLayout layout, int64_t block_count, std::shared_ptr<const Device> device);
  // `shared`: cached blocks that the sequence uses, in the order of their positions.
  void ReleaseSequence(const std::vector<int64_t>& blocks, const std::vector<int64_t>& shared,
                       int64_t owner);
  // Caches the blocks behind those that are shared already; see KvSequence::Publish.
  void Publish(const std::vector<BlockKey>& keys, const std::vector<int64_t>& blocks,
               std::vector<int64_t>& shared, int64_t owner);

  // A device table with a copy of the bytes, for exclusive use until it is returned. No device work
  // may read a returned table: another sequence writes to it. A returned table that holds these
  // bytes already is not written again: consecutive prompts get the same blocks.
  std::unique_ptr<DeviceTable> TakeTable(const void* from_host, int64_t byte_count);
  void ReturnTable(std::unique_ptr<DeviceTable> table);
  void CountChunk(int64_t chunks, int64_t bytes);

  const KvLayout layout_;
  const int64_t block_count_;
  const std::shared_ptr<const Device> device_;
  const std::unique_ptr<Buffer> arena_;  // [block][layer][keys, values]
  mutable std::mutex mutex_;             // guards all below
  BlockList blocks_;
  BlockCache cache_;
  std::vector<std::unique_ptr<DeviceTable>> free_tables_;
  int64_t sequence_count_ = 0;
  int64_t chunk_count_ = 0;
  int64_t chunk_byte_count_ = 0;
};

}  // namespace cacheblend
