#pragma once

#include "kernels/cuda/paged_kv.h"

namespace cacheblend::cuda {

// Distributes one row of KV over a thread block in parts of N elements: calls rotate_key(head, d)
// for each part of the first half of a key head, and copy_value(head, d) for each part of a value
// head.
template <int N, int kThreads, typename RotateKey, typename CopyValue>
__device__ void ForEachKvPart(const PagedKv& kv, const RotateKey& rotate_key,
                              const CopyValue& copy_value) {
  const int key_parts = kv.head_size / 2 / N, value_parts = kv.head_size / N;
  const int rotations = kv.num_kv_heads * key_parts, copies = kv.num_kv_heads * value_parts;
  for (int part = threadIdx.x; part < rotations + copies; part += kThreads) {
    const bool is_key = part < rotations;
    const int i = is_key ? part : part - rotations;
    const int parts = is_key ? key_parts : value_parts;
    const int head = i / parts, d = i % parts * N;
    if (is_key) {
      rotate_key(head, d);
    } else {
      copy_value(head, d);
    }
  }
}

}  // namespace cacheblend::cuda
