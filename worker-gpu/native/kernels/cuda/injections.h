#pragma once

#include <cstdint>

namespace cacheblend::cuda {

// A stored chunk at positions [first, end) of a sequence.
struct Placement {
  int64_t first, end;
  const void* chunk;  // [layer][key, value][token][num_kv_heads * head_size]; keys before rotation
};

// Those of one sequence, in device memory, ascending; they do not overlap.
struct Placements {
  const Placement* data;
  int count;
};

}  // namespace cacheblend::cuda
