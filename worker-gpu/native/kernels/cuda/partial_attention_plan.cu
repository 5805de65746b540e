#include <algorithm>

#include "kernels/cuda/once_per_device.h"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_plan.h"

namespace cacheblend::cuda {
namespace {

// Workspace capacity in (row, head) pairs times splits. Two tiles of 128 pairs for each of 132
// multiprocessors would take 33,792; split launches are always smaller.
constexpr int64_t kMaxPartials = 32768;
constexpr int64_t kMaxSplits = 64;

// Cost model. The unit is the time that a thread block takes for one block of keys: starting a
// thread block, merging partial results, and writing and reading this many bytes of them.
constexpr double kStartCost = 1, kCombineCost = 1.5, kBytesPerCost = 6e6;

int TilePairs(AttentionKernel kernel) {
  switch (kernel) {
    case AttentionKernel::kMma:
      return kMmaTilePairs;
    case AttentionKernel::kDecode:
      return kDecodeTilePairs;
    case AttentionKernel::kSm90:
      return kSm90TilePairs;
  }
  return 0;
}

int64_t Group(const PartialAttentionParams& params) {
  return params.num_heads / params.kv.num_kv_heads;
}

// Exact for one sequence. An upper bound for several, whose row counts only the device knows.
int64_t MaxTiles(const PartialAttentionParams& params, AttentionKernel kernel) {
  const int64_t pairs = params.num_rows * Group(params), tile = TilePairs(kernel);
  return (pairs + params.num_sequences * (tile - 1)) / tile;
}

// Key blocks of the longest tile.
int64_t MaxKeyBlocks(const PartialAttentionParams& params, int64_t block_keys) {
  const int64_t blocks = (params.position_end + block_keys - 1) / block_keys;
  const bool one_row_each = params.num_rows == params.num_sequences;
  if (params.window == 0 || !one_row_each) return blocks;
  return std::min(blocks, (params.window + block_keys - 2) / block_keys + 1);
}

double SplitCost(const PartialAttentionParams& params, int64_t tiles, int64_t slots,
                 int64_t key_blocks, int64_t splits) {
  const int64_t waves = (tiles * splits + slots - 1) / slots;
  const int64_t span = (key_blocks + splits - 1) / splits;
  const double cost = waves * (span + kStartCost);
  if (splits == 1) return cost;
  const double bytes = 2.0 * splits * params.num_rows * params.num_heads * params.kv.head_size * 4;
  return cost + kCombineCost + bytes / kBytesPerCost;
}

AttentionLaunch LaunchOf(const PartialAttentionParams& params, const AttentionPlan& plan) {
  AttentionLaunch launch = {};
  launch.params = params;
  launch.log2_scale = params.scale * 1.44269504f;
  launch.window = params.window < params.position_end ? static_cast<int>(params.window) : 0;
  launch.max_tiles = static_cast<int>(MaxTiles(params, plan.kernel));
  launch.split.count = plan.splits;
  launch.split.partials = static_cast<float*>(params.workspace);
  launch.split.statistics =
      reinterpret_cast<float2*>(launch.split.partials + kMaxPartials * params.kv.head_size);
  return launch;
}

}  // namespace

GpuTraits CurrentGpu() {
  const int major = DeviceAttribute(cudaDevAttrComputeCapabilityMajor);
  const int minor = DeviceAttribute(cudaDevAttrComputeCapabilityMinor);
  return {Multiprocessors(), major == 9 && minor == 0};
}

int64_t PartialAttentionWorkspaceBytes(int head_size) {
  return kMaxPartials * static_cast<int64_t>(head_size * sizeof(float) + sizeof(float2));
}

int MaxSplits(const PartialAttentionParams& params) {
  const int64_t pairs = params.num_rows * params.num_heads;
  return static_cast<int>(std::max<int64_t>(1, kMaxPartials / pairs));
}

AttentionPlan PlanAttention(const PartialAttentionParams& params, const GpuTraits& gpu) {
  const bool few_rows =
      params.num_rows * Group(params) <= kDecodeTilePairs * int64_t{params.num_sequences};
  const AttentionKernel kernel = few_rows   ? AttentionKernel::kDecode
                                 : gpu.sm90 ? AttentionKernel::kSm90
                                            : AttentionKernel::kMma;
  const int64_t keys = kernel == AttentionKernel::kSm90 ? kSm90Keys : kMmaKeys;
  const int64_t key_blocks = MaxKeyBlocks(params, keys);
  const int64_t tiles = MaxTiles(params, kernel) * params.kv.num_kv_heads;
  const int64_t slots = gpu.multiprocessors;
  const auto cost = [&](int64_t splits) {
    return SplitCost(params, tiles, slots, key_blocks, splits);
  };
  // If tiles fill the GPU, splitting does not pay off: shorter tiles balance longer ones.
  const int64_t max_splits =
      tiles >= slots ? 1 : std::min<int64_t>({key_blocks, MaxSplits(params), kMaxSplits});
  int64_t best = 1;
  for (int64_t splits = 2; splits <= max_splits; ++splits) {
    if (cost(splits) < cost(best)) best = splits;
  }
  return {kernel, static_cast<int>(best)};
}

void RunPlan(const PartialAttentionParams& params, const AttentionPlan& plan, cudaStream_t stream) {
  const AttentionLaunch launch = LaunchOf(params, plan);
  switch (plan.kernel) {
    case AttentionKernel::kMma:
      LaunchMma(launch, stream);
      break;
    case AttentionKernel::kDecode:
      LaunchDecode(launch, stream);
      break;
    case AttentionKernel::kSm90:
      LaunchSm90(launch, stream);
      break;
  }
  if (plan.splits > 1) LaunchCombine(launch, stream);
}

}  // namespace cacheblend::cuda
