#pragma once

namespace cacheblend {

inline constexpr int kBlockTokens = 64;

// Bounds the tables of a step in device memory. The CPU has the same limit, so that both have one
// contract.
inline constexpr int kMaxStepSequences = 1024;

// Floats per value row. Rows are zero-padded so that vector loads need no remainder loop.
inline constexpr int ValueStride(int head_size) { return (head_size + 15) / 16 * 16; }

// KV of one sequence in one layer, by block of kBlockTokens positions; 64-byte aligned.
struct KvLayerView {
  float* const* key_blocks;    // [block] -> [kv_heads][head_size][kBlockTokens], rotated
  float* const* value_blocks;  // [block] -> [kv_heads][kBlockTokens][ValueStride(head_size)]
};

}  // namespace cacheblend
