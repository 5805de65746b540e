#pragma once

#include <cstdint>

namespace cacheblend {

// Dimensions of a model's KV.
struct KvShape {
  int layer_count;
  int kv_head_count;
  int head_size;

  // Throws std::invalid_argument with the field and its value.
  void Validate() const;

  int64_t RowSize() const { return int64_t{kv_head_count} * head_size; }
};

}  // namespace cacheblend
