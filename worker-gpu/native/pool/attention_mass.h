#pragma once

#include <cstdint>
#include <memory>

#include "pool/buffer.h"

namespace cacheblend {

class KvSequence;

// Attention that the query rows of a sequence pay to the keys before them, summed up over the
// layers of a probe. One buffer per KV head, so that sums have a fixed order.
class AttentionMass {
 public:
  AttentionMass(std::unique_ptr<Buffer> memory, int kv_head_count, int64_t stride)
      : memory_(std::move(memory)), kv_head_count_(kv_head_count), stride_(stride) {}

  // In the memory of the device: [kv_head_count][stride], by position.
  float* data() const { return static_cast<float*>(memory_->data()); }
  int kv_head_count() const { return kv_head_count_; }
  int64_t stride() const { return stride_; }
  int64_t byte_count() const { return kv_head_count_ * stride_ * int64_t{sizeof(float)}; }

  // Of the probe that began last.
  int64_t key_end() const { return key_end_; }  // keys are the positions [0, key_end)
  int64_t query_count() const { return query_count_; }
  bool probed() const { return layer_count_ > 0; }
  // Weight of one query row and head in one layer: masses are means over all of them.
  float Weight(int num_heads) const {
    return 1.0f / (static_cast<float>(query_count_) * static_cast<float>(num_heads) *
                   static_cast<float>(layer_count_));
  }
  // The mass of a position, on the host.
  float At(int64_t position) const;

 private:
  friend void BeginProbe(KvSequence& sequence, const int64_t* positions, int64_t row_count,
                         int layer_count);

  const std::unique_ptr<Buffer> memory_;
  const int kv_head_count_;
  const int64_t stride_;
  int64_t key_end_ = 0, query_count_ = 0;
  int layer_count_ = 0;
};

// Begins a probe of `layer_count` layers by a step with rows at these positions. Query rows are the
// rows after the last chunk, or the last row where a chunk ends the prompt; keys are the positions
// before them. The caller clears the masses. Throws std::invalid_argument if the sequence has no
// memory for them, or if a query row is missing.
void BeginProbe(KvSequence& sequence, const int64_t* positions, int64_t row_count, int layer_count);

}  // namespace cacheblend
