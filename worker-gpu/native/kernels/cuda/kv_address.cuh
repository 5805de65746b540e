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

// Sequence of a row. Any threads can call it.
inline __device__ int SequenceOf(const int64_t* row_offsets, int num_sequences, int64_t row) {
  int low = 0, high = num_sequences;  // row_offsets[low] <= row < row_offsets[high]
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (row_offsets[middle] <= row) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

// Sequence of a row that is the same in all lanes of the warp: 32 offsets are read at a time.
inline __device__ int WarpSequenceOf(const int64_t* row_offsets, int num_sequences, int64_t row) {
  const int lane = threadIdx.x % 32;
  int sequence = 0;
  for (int base = 1; base < num_sequences; base += 32) {
    const int s = base + lane;
    const bool passed = s < num_sequences && row_offsets[s] <= row;
    const int count = __popc(__ballot_sync(~0u, passed));
    sequence += count;
    if (count < 32) break;
  }
  return sequence;
}

}  // namespace cacheblend::cuda
