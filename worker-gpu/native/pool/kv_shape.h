#pragma once

#include <cstdint>

namespace cacheblend {

// What a model's KV looks like. Sizes are in floats.
struct KvShape {
  int layer_count;
  int kv_head_count;
  int head_size;

  // Throws std::invalid_argument that names the field.
  void Validate() const;

  int64_t RowSize() const { return int64_t{kv_head_count} * head_size; }
  int64_t KeyBlockSize() const;    // of one layer: [kv_heads][head_size][kBlockTokens]
  int64_t ValueBlockSize() const;  // of one layer: [kv_heads][kBlockTokens][ValueStride]
  int64_t BlockSize() const { return layer_count * (KeyBlockSize() + ValueBlockSize()); }
  int64_t BytesPerToken() const;  // of a sequence
};

}  // namespace cacheblend
