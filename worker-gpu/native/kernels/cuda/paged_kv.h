#pragma once

#include <cstdint>

#include "kernels/element_type.h"
#include "kernels/kv_view.h"

namespace cacheblend::cuda {

// One layer of a pool on the device. A block holds kBlockTokens positions of one sequence.
struct PagedKv {
  void* keys;            // of block 0: [kv_heads][kBlockTokens][head_size], rotated
  void* values;          // of block 0: [kv_heads][kBlockTokens][head_size]
  int64_t block_stride;  // elements between blocks; a multiple of 8
  int64_t num_blocks;
  int num_kv_heads, head_size;
  ElementType type;
};

// Block table of a sequence in device memory: entry i is the pool block of positions
// [64 i, 64 (i + 1)).
using BlockTable = const int32_t*;

}  // namespace cacheblend::cuda
