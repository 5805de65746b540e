#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/kv_view.h"
#include "pool/device.h"
#include "pool/device_table.h"
#include "pool/kv_layout.h"
#include "pool/kv_load.h"
#include "pool/sequence_step.h"

namespace cacheblend {

class KvPool;
class StoredChunk;

// One running prompt: the blocks it reserves, the chunks it places, the chunk it captures, and how
// far its KV reaches in each layer. One call at a time uses a sequence (see SequenceLease).
class KvSequence {
 public:
  // A stored chunk at positions [first, first + token_count).
  struct Placement {
    int64_t first;
    std::shared_ptr<StoredChunk> chunk;
    int64_t end() const;
  };

  struct LayerState {
    bool started = false;        // placed chunks are copied in by the first step
    int64_t covered = 0;         // positions [0, covered) hold KV
    int64_t cleared_blocks = 0;  // blocks [0, cleared_blocks) hold nothing of earlier owners
  };

  KvSequence(std::shared_ptr<KvPool> pool, int64_t handle, std::vector<int64_t> blocks,
             int64_t max_token_count);
  ~KvSequence();
  KvSequence(const KvSequence&) = delete;
  KvSequence& operator=(const KvSequence&) = delete;

  // Both throw std::invalid_argument or std::logic_error and then have changed nothing.
  void Place(std::shared_ptr<StoredChunk> chunk, int64_t first_position);
  void Capture(std::shared_ptr<StoredChunk> chunk, int64_t first_position);

  int64_t handle() const { return handle_; }
  const KvShape& shape() const;
  int64_t max_token_count() const { return max_token_count_; }
  KvPool& pool() const { return *pool_; }
  KvLayerView View(int layer) const;  // on the host
  LayerState& layer(int layer) { return layers_[layer]; }
  const std::vector<Placement>& placements() const { return placements_; }  // ascending
  const Placement& capture() const { return capture_; }                     // chunk null: none
  // The placement that covers a position; null: none.
  const Placement* PlacementAt(int64_t position) const;

  // On a CUDA device, in its memory: int32 [blocks], and kernels/cuda/placements.h.
  const void* block_table() const { return block_table_->memory->data(); }
  const void* placement_table() const;  // null before a step begins, and where nothing is placed
  void WritePlacementTable();           // unless it is there
  SequenceStep& step() { return step_; }

  // Of all steps so far; blocks until pending loads have ended.
  KvLoad kv_load();
  void AddKvLoad(const KvLoad& load);
  void AddKvLoad(std::unique_ptr<PendingKvLoad> load);

  // A position's key (as rotated) or value in a layer: [RowSize] elements, to the host.
  void ReadRow(int layer, bool values, int64_t position, void* to_host) const;

 private:
  friend class SequenceLease;
  void ReadHostRow(int layer, bool values, int64_t position, float* row) const;
  void ReadDeviceRow(int layer, bool values, int64_t position, std::byte* row) const;
  void CheckPlaceable(const StoredChunk& chunk, int64_t first_position) const;

  const std::shared_ptr<KvPool> pool_;
  const int64_t handle_;
  const std::vector<int64_t> blocks_;
  const int64_t max_token_count_;
  std::vector<float*> key_blocks_;    // [layer][block]; on the host
  std::vector<float*> value_blocks_;  // [layer][block]; on the host
  std::unique_ptr<DeviceTable> block_table_, placement_table_;
  std::vector<LayerState> layers_;
  std::vector<Placement> placements_;
  Placement capture_{};
  SequenceStep step_;
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
