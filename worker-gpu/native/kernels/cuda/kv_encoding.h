#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/element_type.h"
#include "kernels/kv_encoding.h"

namespace cacheblend::cuda {

// As kernels/kv_encoding.h defines; the bits are those of the CPU's kernels.
struct EncodeHeadsParams {
  const void* heads;  // [head_count, head_size]
  int64_t head_count;
  int head_size;
  ElementType type;
  KvEncoding encoding;
  HeadCodes to;
};

// Runs of heads, decoded by one launch.
struct DecodeHeadsParams {
  static constexpr int kMaxRuns = 16;
  struct Run {
    HeadCodes from;
    void* heads;  // [head_count, head_size]
    int64_t head_count;
  };
  Run runs[kMaxRuns];
  int run_count;
  int head_size;
  ElementType type;
  KvEncoding encoding;
};

// Both enqueue; throw CudaError. Head sizes up to 256.
void EncodeHeads(const EncodeHeadsParams& params, cudaStream_t stream);
void DecodeHeads(const DecodeHeadsParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
