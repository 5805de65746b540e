#include "pool/stored_chunk.h"

#include <cstddef>
#include <stdexcept>
#include <utility>

#include "pool/kv_pool.h"

namespace cacheblend {

StoredChunk::StoredChunk(std::shared_ptr<KvPool> pool, int64_t token_count)
    : pool_(std::move(pool)),
      layer_count_(pool_->shape().layer_count),
      token_count_(token_count),
      memory_(pool_->device().AllocatePooled(pool_->layout().ChunkBytes(token_count),
                                             "a stored chunk")),
      captured_row_counts_(layer_count_, 0) {
  pool_->CountChunk(1, byte_count());
}

// The memory may be reused as soon as this returns.
StoredChunk::~StoredChunk() {
  try {
    if (load_ != nullptr) load_->AwaitAll();
  } catch (const std::exception&) {
    // The device has failed; the next step reports it.
  }
  pool_->CountChunk(-1, -byte_count());
}

const KvShape& StoredChunk::shape() const { return pool_->shape(); }

void* StoredChunk::Rows(int layer, bool values, int64_t row) const {
  const int64_t rows_before = (2 * layer + (values ? 1 : 0)) * token_count_ + row;
  return static_cast<std::byte*>(memory_->data()) + rows_before * pool_->layout().RowBytes();
}

void StoredChunk::ReadRow(int layer, bool values, int64_t row, void* to_host) const {
  pool_->device().Read(to_host, Rows(layer, values, row), pool_->layout().RowBytes());
}

const float* StoredChunk::Key(int layer, int64_t row) const {
  return static_cast<const float*>(Rows(layer, false, row));
}

const float* StoredChunk::Value(int layer, int64_t row) const {
  return static_cast<const float*>(Rows(layer, true, row));
}

float* StoredChunk::MutableKey(int layer, int64_t row) {
  return static_cast<float*>(Rows(layer, false, row));
}

float* StoredChunk::MutableValue(int layer, int64_t row) {
  return static_cast<float*>(Rows(layer, true, row));
}

void StoredChunk::BeginCapture() {
  if (filling_.exchange(true)) {
    throw std::logic_error("a stored chunk can be captured or loaded only once");
  }
}

LayerArrivals& StoredChunk::BeginLoad() {
  BeginCapture();
  load_ = std::make_unique<LayerArrivals>(layer_count_);
  return *load_;
}

EncodedLayers StoredChunk::Encoded(KvEncoding encoding) const {
  return {pool_->layout().HeadsIn(encoding), 2 * token_count_ * shape().kv_head_count,
          layer_count_};
}

int64_t StoredChunk::LayerBytes(KvEncoding encoding) const {
  return encoding == KvEncoding::kNative ? LayerBytes() : Encoded(encoding).LayerBytes();
}

void StoredChunk::CopyToHost(void* to, KvEncoding encoding) const {
  if (!complete() && (load_ == nullptr || !load_->complete())) {
    throw std::logic_error("a stored chunk can be copied only when all its KV is there");
  }
  if (load_ != nullptr) load_->AwaitAll();
  if (encoding == KvEncoding::kNative) {
    pool_->device().Download(to, memory_->data(), byte_count());
  } else {
    pool_->device().DownloadEncoded(to, memory_->data(), Encoded(encoding));
  }
}

void StoredChunk::CommitRows(int layer, int64_t row_count) {
  if (row_count == 0) return;
  captured_row_counts_[layer] += row_count;
  if (captured_row_counts_[layer] == token_count_) ++complete_layer_count_;
}

}  // namespace cacheblend
