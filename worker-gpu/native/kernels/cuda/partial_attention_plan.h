#pragma once

#include <cuda_runtime_api.h>

#include <vector>

#include "kernels/cuda/partial_attention.h"
#include "kernels/cuda/partial_attention_items.h"

namespace cacheblend::cuda {

enum class AttentionKernel {
  kMma,     // many rows, compute capability 8.0 and later
  kDecode,  // few rows, compute capability 8.0 and later
  kSm90,    // many rows, compute capability 9.0
};

// Kernel choice of PartialAttention for 16-bit KV.
struct AttentionPlan {
  AttentionKernel kernel;
  int splits;  // per tile, over its keys
};

// Device properties that a plan depends on.
struct GpuTraits {
  int multiprocessors;
  bool sm90;  // compute capability 9.0
};

GpuTraits CurrentGpu();

// Largest number of splits that fits the workspace; at least 1.
int MaxSplits(const PartialAttentionParams& params);

// Whether the sm90 kernel supports these parameters on the device.
bool CanRunSm90(const PartialAttentionParams& params, const GpuTraits& gpu);

AttentionPlan PlanAttention(const PartialAttentionParams& params, const GpuTraits& gpu);

// Division of a step of several sequences: sequences of few rows into items, the others by `plan`.
struct BatchPlan {
  std::vector<AttentionItem> items;    // longest first
  std::vector<AttentionMerge> merges;  // of sequences with several items
  int max_merge_pairs;                 // (row, head) pairs of a KV head
  int other_tiles;                     // tiles of the other sequences
  AttentionPlan plan;                  // of the other sequences
};

// `params.rows` is given. Both are in host memory; nothing is enqueued.
BatchPlan PlanBatch(const PartialAttentionParams& params, const GpuTraits& gpu);

// Enqueues; throws CudaError.
void RunBatch(const PartialAttentionParams& params, const BatchPlan& plan, cudaStream_t stream);

// Enqueues; throws CudaError. `plan.splits` is at most MaxSplits().
void RunPlan(const PartialAttentionParams& params, const AttentionPlan& plan, cudaStream_t stream);

}  // namespace cacheblend::cuda
