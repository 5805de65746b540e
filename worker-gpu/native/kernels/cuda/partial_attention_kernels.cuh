#pragma once

#include "kernels/cuda/partial_attention_tile.cuh"

// Kernels of PartialAttention. Each function enqueues on the current device and throws CudaError.
namespace cacheblend::cuda {

// mma.sync kernel: compute capability 8.0 and later.
inline constexpr int kMmaTilePairs = 128, kMmaKeys = 64;
void LaunchMma(const AttentionLaunch& launch, cudaStream_t stream);

// mma.sync kernel for few pairs: the warps of a thread block split the keys instead of the pairs.
inline constexpr int kDecodeTilePairs = 16, kDecodeKeys = 64;
// If there are items, `max_tiles` is their number, and each sequence of an item is one tile.
void LaunchDecode(const AttentionLaunch& launch, cudaStream_t stream);

// wgmma and TMA kernel: compute capability 9.0 only, without soft cap.
inline constexpr int kSm90TilePairs = 128, kSm90Keys = 128, kSm90MaxHead = 128;
void LaunchSm90(const AttentionLaunch& launch, cudaStream_t stream);

// Merges the partial results of a split launch.
void LaunchCombine(const AttentionLaunch& launch, cudaStream_t stream);

// Merges the partial results of items. `merges` is in device memory; `max_pairs` is the largest
// number of pairs of a KV head.
void LaunchMergeItems(const AttentionLaunch& launch, const AttentionMerge* merges, int count,
                      int max_pairs, cudaStream_t stream);

}  // namespace cacheblend::cuda
