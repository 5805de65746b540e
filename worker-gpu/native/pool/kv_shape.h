#pragma once

#include <cstdint>

namespace cacheblend {

// What a model's KV looks like. Sizes are in elements.
struct KvShape {
  int layer_count;
  int kv_head_count;
  int head_size;

  // Throws std::invalid_argument that names the field.
  void Validate() const;

  int64_t RowSize() const { return int64_t{kv_head_count} * head_size; }
};

}  // namespace cacheblend
