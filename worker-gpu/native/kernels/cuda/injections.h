#pragma once

#include <cstdint>

namespace cacheblend::cuda {

// A stored chunk that is injected at positions [first, end) of a sequence.
struct Injection {
  int64_t first, end;
  const void* chunk;  // [layer][key, value][token][num_kv_heads * head_size]; keys before rotation
};

// Injections of one sequence in device memory, ascending and disjoint.
struct Injections {
  const Injection* data;
  int count;
};

}  // namespace cacheblend::cuda
