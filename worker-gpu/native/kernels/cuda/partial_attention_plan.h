#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/partial_attention.h"

namespace cacheblend::cuda {

enum class AttentionKernel {
  kMma,     // many rows, compute capability 8.0 and later
  kDecode,  // a few rows, likewise
  kSm90,    // many rows, compute capability 9.0
};

// How PartialAttention computes a step of 16-bit KV.
struct AttentionPlan {
  AttentionKernel kernel;
  int splits;  // of each tile's keys
};

// What a plan depends on beside the step.
struct GpuTraits {
  int multiprocessors;
  bool sm90;  // compute capability 9.0
};

GpuTraits CurrentGpu();

// The most splits that the workspace has room for; at least 1.
int MaxSplits(const PartialAttentionParams& params);

AttentionPlan PlanAttention(const PartialAttentionParams& params, const GpuTraits& gpu);

// Enqueues; throws CudaError. `plan.splits` is at most MaxSplits().
void RunPlan(const PartialAttentionParams& params, const AttentionPlan& plan, cudaStream_t stream);

}  // namespace cacheblend::cuda
