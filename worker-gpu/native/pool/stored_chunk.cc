#include "pool/stored_chunk.h"

#include <stdexcept>
#include <utility>

#include "pool/kv_pool.h"

namespace cacheblend {

StoredChunk::StoredChunk(std::shared_ptr<KvPool> pool, KvShape shape, int64_t token_count)
    : pool_(std::move(pool)),
      shape_(shape),
      token_count_(token_count),
      memory_(2 * shape.layer_count * token_count * shape.RowSize()),
      captured_row_counts_(shape.layer_count, 0) {
  pool_->CountChunk(1, byte_count());
}

StoredChunk::~StoredChunk() { pool_->CountChunk(-1, -byte_count()); }

int64_t StoredChunk::Offset(int layer, bool value, int64_t row) const {
  return ((2 * layer + (value ? 1 : 0)) * token_count_ + row) * shape_.RowSize();
}

const float* StoredChunk::Key(int layer, int64_t row) const {
  return memory_.data() + Offset(layer, false, row);
}

const float* StoredChunk::Value(int layer, int64_t row) const {
  return memory_.data() + Offset(layer, true, row);
}

float* StoredChunk::MutableKey(int layer, int64_t row) {
  return memory_.data() + Offset(layer, false, row);
}

float* StoredChunk::MutableValue(int layer, int64_t row) {
  return memory_.data() + Offset(layer, true, row);
}

void StoredChunk::BeginCapture() {
  if (capturing_.exchange(true)) {
    throw std::logic_error("a stored chunk can be captured only once");
  }
}

void StoredChunk::CommitRows(int layer, int64_t row_count) {
  if (row_count == 0) return;
  captured_row_counts_[layer] += row_count;
  if (captured_row_counts_[layer] == token_count_) ++complete_layer_count_;
}

}  // namespace cacheblend
