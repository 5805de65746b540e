#include "kernels/cuda/partial_attention_kernels.cuh"
namespace cacheblend::cuda {
void LaunchSm90(const AttentionLaunch& l, cudaStream_t s) { LaunchMma(l, s); }
}  // namespace cacheblend::cuda
