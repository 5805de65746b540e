#pragma once

#include "kernels/cuda/paged_kv.h"

namespace cacheblend::cuda {

// Element offset of a position's head in the keys or values of a layer.
inline __device__ int64_t KvOffset(const PagedKv& kv, const int32_t* block_table, int64_t position,
                                   int head) {
  const int64_t block = block_table[position / kBlockTokens];
  const int64_t slot = position % kBlockTokens;
  return block * kv.block_stride + (int64_t{head} * kBlockTokens + slot) * kv.head_size;
}

// Sequence of a row.
inline __device__ int SequenceOf(const int64_t* row_offsets, int num_sequences, int64_t row) {
  int sequence = 0;
  while (sequence + 1 < num_sequences && row_offsets[sequence + 1] <= row) ++sequence;
  return sequence;
}

}  // namespace cacheblend::cuda
