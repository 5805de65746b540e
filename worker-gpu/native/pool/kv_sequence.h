#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/kv_view.h"
#include "pool/attention_mass.h"
#include "pool/block_cache.h"
#include "pool/device.h"
#include "pool/device_table.h"
#include "pool/fence.h"
#include "pool/kv_layout.h"
#include "pool/kv_load.h"
#include "pool/sequence_step.h"

namespace cacheblend {

class KvPool;
class StoredChunk;

// One running prompt: the blocks it reserves or shares, the chunks it injects, the chunk it
// captures, and the positions that each layer covers. One call at a time uses a sequence (see
// SequenceLease).
class KvSequence {
 public:
  // A stored chunk at positions [first, first + token_count).
  struct Injection {
    int64_t first;
    std::shared_ptr<StoredChunk> chunk;
    int64_t end() const;
  };

  struct LayerState {
    bool started = false;        // a step has run, and has injected the chunks
    int64_t covered = 0;         // positions [0, covered) hold KV
    int64_t cleared_blocks = 0;  // blocks [0, cleared_blocks) hold nothing of earlier owners
  };

  // The first blocks are cached ones, `shared`: their positions hold KV.
  KvSequence(std::shared_ptr<KvPool> pool, int64_t handle, std::vector<int64_t> blocks,
             std::vector<int64_t> shared, int64_t max_token_count);
  ~KvSequence();
  KvSequence(const KvSequence&) = delete;
  KvSequence& operator=(const KvSequence&) = delete;

  // Before the first step, of a sequence that shares no blocks. Both throw std::invalid_argument or
  // std::logic_error, and then have changed nothing.
  void Inject(std::shared_ptr<StoredChunk> chunk, int64_t first_position);
  void Capture(std::shared_ptr<StoredChunk> chunk, int64_t first_position);

  // Lets later sequences share the first blocks, under these keys: one for each block from the
  // first on, shared ones included. Their KV is final: steps write behind them only. Where another
  // block has a key, that block is shared. Throws std::logic_error if a layer does not cover them.
  void Publish(const std::vector<BlockKey>& keys);
  // Positions [0, read_only_token_count) lie in shared or published blocks.
  int64_t read_only_token_count() const;

  int64_t handle() const { return handle_; }
  const KvShape& shape() const;
  int64_t max_token_count() const { return max_token_count_; }
  KvPool& pool() const { return *pool_; }
  // The block of the pool that holds positions [64 * index, 64 * index + 64).
  int64_t block(int64_t index) const { return blocks_[index]; }
  KvLayerView View(int layer) const;  // host memory only
  LayerState& layer(int layer) { return layers_[layer]; }
  const LayerState& layer(int layer) const { return layers_[layer]; }
  const std::vector<Injection>& injections() const { return injections_; }  // ascending
  const Injection& capture() const { return capture_; }  // without a chunk: nothing is captured
  // The injection that covers a position, or null.
  const Injection* InjectionAt(int64_t position) const;

  // Tables in CUDA memory: int32 [blocks], and the injections as kernels/cuda/injections.h.
  const void* block_table() const { return block_table_->memory->data(); }
  const void* injection_table() const;  // null before the first step, and without injections
  void WriteInjectionTable();           // if it is not there yet

  // Allocates memory for the attention of a probe, for every position of the reservation. Throws
  // KvExhausted.
  void AllocateAttention();
  AttentionMass* attention() const { return attention_.get(); }  // null before

  // Rows with fresh KV, summed over the layers of all steps so far.
  int64_t fresh_row_layers() const { return fresh_row_layers_; }
  void CountFreshRows(int64_t count) { fresh_row_layers_ += count; }

  SequenceStep& step() { return step_; }
  const SequenceStep& step() const { return step_; }

  // A device step uses the sequence's memory from BeginDeviceStep on. EndDeviceStep follows once
  // all of that work is enqueued; the device has done it when it passes `end`.
  void BeginDeviceStep();
  void EndDeviceStep(std::shared_ptr<const Fence> end);

  // Of all steps so far; blocks until pending loads have ended.
  KvLoad kv_load();
  void AddKvLoad(const KvLoad& load);
  void AddKvLoad(std::unique_ptr<PendingKvLoad> load);

  // Copies rotated keys or values of positions in a layer to the host: [count, RowSize] elements.
  void ReadRows(int layer, bool values, int64_t position, int64_t count, void* to_host) const;

 private:
  friend class SequenceLease;
  void ReadHostRow(int layer, bool values, int64_t position, float* row) const;
  void ReadDeviceRows(int layer, bool values, int64_t position, int64_t count,
                      std::byte* rows) const;
  void CheckFits(const StoredChunk& chunk, int64_t first_position) const;
  void AwaitDeviceSteps();

  const std::shared_ptr<KvPool> pool_;
  const int64_t handle_;
  const std::vector<int64_t> blocks_;
  std::vector<int64_t> shared_;  // cached blocks, those of the first positions
  const int64_t max_token_count_;
  std::vector<float*> key_blocks_;    // [layer][block]; host memory only
  std::vector<float*> value_blocks_;  // [layer][block]; host memory only
  std::unique_ptr<DeviceTable> block_table_, injection_table_;
  std::vector<LayerState> layers_;
  std::vector<Injection> injections_;
  Injection capture_{};
  std::unique_ptr<AttentionMass> attention_;
  int64_t fresh_row_layers_ = 0;
  SequenceStep step_;
  bool device_step_open_ = false;
  std::shared_ptr<const Fence> last_device_step_;
  std::mutex kv_load_mutex_;  // guards the two below
  KvLoad kv_load_;
  std::vector<std::unique_ptr<PendingKvLoad>> pending_kv_loads_;
  std::atomic<bool> in_use_{false};
};

// Exclusive use of sequences for the length of one call. A sequence that another call uses, or that
// is named twice, throws std::invalid_argument.
class SequenceLease {
 public:
  explicit SequenceLease(std::vector<std::shared_ptr<KvSequence>> sequences);
  ~SequenceLease();
  SequenceLease(const SequenceLease&) = delete;
  SequenceLease& operator=(const SequenceLease&) = delete;

  KvSequence& operator[](int64_t index) const { return *sequences_[index]; }
  int64_t size() const { return sequences_.size(); }

 private:
  const std::vector<std::shared_ptr<KvSequence>> sequences_;
};

}  // namespace cacheblend
