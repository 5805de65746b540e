#pragma once

#include "kernels/cuda/partial_attention_tile.cuh"

// The kernels behind PartialAttention. Each enqueues on the current device and throws CudaError.
namespace cacheblend::cuda {

// Tensor cores of any GPU from compute capability 8.0.
inline constexpr int kMmaTilePairs = 128, kMmaKeys = 64;
void LaunchMma(const AttentionLaunch& launch, cudaStream_t stream);

// The same for a few pairs: the warps of a thread block share out the keys instead of the pairs.
inline constexpr int kDecodeTilePairs = 16, kDecodeKeys = 64;
void LaunchDecode(const AttentionLaunch& launch, cudaStream_t stream);

// Asynchronous tensor cores and copies of compute capability 9.0, and of no other.
inline constexpr int kSm90TilePairs = 128, kSm90Keys = 128;
void LaunchSm90(const AttentionLaunch& launch, cudaStream_t stream);

// Adds up the partial results of a split launch.
void LaunchCombine(const AttentionLaunch& launch, cudaStream_t stream);

}  // namespace cacheblend::cuda
