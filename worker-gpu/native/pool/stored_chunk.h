#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/kv_encoding.h"
#include "pool/buffer.h"
#include "pool/encoded_layers.h"
#include "pool/kv_shape.h"
#include "pool/layer_arrivals.h"

namespace cacheblend {

class KvPool;

// KV of a run of tokens, keys before rotation. It is filled once: by the sequence that captures it,
// layer by layer and row by row, or by a load from host memory, layer by layer. A complete chunk is
// immutable.
class StoredChunk {
 public:
  StoredChunk(std::shared_ptr<KvPool> pool, int64_t token_count);
  ~StoredChunk();
  StoredChunk(const StoredChunk&) = delete;
  StoredChunk& operator=(const StoredChunk&) = delete;

  const KvPool& pool() const { return *pool_; }
  const KvShape& shape() const;
  int64_t token_count() const { return token_count_; }
  int64_t byte_count() const { return memory_->byte_count(); }
  bool complete() const { return complete_layer_count_ == layer_count_; }

  // Host memory only.
  const float* Key(int layer, int64_t row) const;    // [RowSize]
  const float* Value(int layer, int64_t row) const;  // [RowSize]
  float* MutableKey(int layer, int64_t row);
  float* MutableValue(int layer, int64_t row);

  int64_t LayerBytes() const { return byte_count() / layer_count_; }
  // In host memory.
  int64_t LayerBytes(KvEncoding encoding) const;
  // In the memory of its device: rows from this one on, [token][RowSize].
  void* Rows(int layer, bool values, int64_t row) const;
  void ReadRow(int layer, bool values, int64_t row, void* to_host) const;

  // Both throw std::logic_error if the chunk is filled already.
  void BeginCapture();
  LayerArrivals& BeginLoad();
  // Null unless the chunk is loaded. A sequence can inject a chunk whose layers have still to
  // arrive.
  LayerArrivals* load() const { return load_.get(); }
  // Copies all layers to host memory, of a complete chunk or one whose load has ended: LayerBytes
  // of this encoding each.
  void CopyToHost(void* to, KvEncoding encoding = KvEncoding::kNative) const;

  int64_t captured_row_count(int layer) const { return captured_row_counts_[layer]; }
  void CommitRows(int layer, int64_t row_count);

 private:
  EncodedLayers Encoded(KvEncoding encoding) const;

  const std::shared_ptr<KvPool> pool_;
  const int layer_count_;
  const int64_t token_count_;
  const std::unique_ptr<Buffer> memory_;  // [layer][key, value][token][RowSize]
  std::vector<int64_t> captured_row_counts_;
  std::atomic<int> complete_layer_count_{0};
  std::atomic<bool> filling_{false};
  std::unique_ptr<LayerArrivals> load_;  // set before other threads know the chunk
};

}  // namespace cacheblend
