#include <algorithm>

#include "kernels/cuda/once_per_device.h"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_plan.h"

namespace cacheblend::cuda {
namespace {

// Workspace capacity in (row, head) pairs times splits. Two tiles of 128 pairs for each of 132
// multiprocessors would take 33,792; split launches are always smaller.
constexpr int64_t kMaxPartials = 32768;
// Items have as much again.
constexpr int64_t kMaxItemPartials = 32768;
constexpr int64_t kMaxSplits = 64;

// Items per thread block that can run at the same time, where sequences are long enough, and thread
// blocks of the decoding kernel on a multiprocessor. More items balance better, and merging them
// takes longer.
constexpr int64_t kItemsPerSlot = 2, kDecodeBlocks = 2;
constexpr int64_t kMinItemBlocks = 4;  // key blocks
// Longest sequence, as a multiple of an equal share of the GPU, up to which sequences stay whole.
constexpr double kMaxImbalance = 1.1;

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

AttentionLaunch LaunchOf(const PartialAttentionParams& params, const AttentionPlan& plan,
                         cudaStream_t stream) {
  AttentionLaunch launch = {};
  launch.params = params;
  launch.block_tables = params.tables->Pass(params.block_tables, params.num_sequences, stream);
  launch.scale = ScoreScale::Of(params.scale, params.soft_cap);
  launch.window = params.window < params.position_end ? static_cast<int>(params.window) : 0;
  launch.max_tiles = static_cast<int>(MaxTiles(params, plan.kernel));
  launch.split.count = plan.splits;
  launch.split.partials = static_cast<float*>(params.workspace);
  launch.split.statistics =
      reinterpret_cast<float2*>(launch.split.partials + kMaxPartials * params.kv.head_size);
  return launch;
}

// The memory of partial results of items follows that of split tiles.
AttentionLaunch ItemLaunchOf(const AttentionLaunch& all, const BatchPlan& plan,
                             cudaStream_t stream) {
  AttentionLaunch launch = all;
  const int size = all.params.kv.head_size;
  launch.max_tiles = static_cast<int>(plan.items.size());
  launch.items = all.params.tables->Upload(plan.items, stream);
  launch.item_pairs = 0;
  launch.split.count = 1;
  launch.split.partials = reinterpret_cast<float*>(all.split.statistics + kMaxPartials);
  launch.split.statistics =
      reinterpret_cast<float2*>(launch.split.partials + kMaxItemPartials * size);
  return launch;
}

int64_t Pairs(const PartialAttentionParams& params, int s) {
  return params.rows[s].count * Group(params);
}

bool HasItems(const PartialAttentionParams& params, int s) {
  return Pairs(params, s) <= kDecodeTilePairs;
}

// Key blocks that the rows of a sequence see. One row has the last position; of several the first
// position is unknown here.
struct BlockRange {
  int64_t first, end;
  int64_t size() const { return end - first; }
};

BlockRange BlocksOf(const PartialAttentionParams& params, int s) {
  const SequenceRows& rows = params.rows[s];
  const int64_t first_key =
      params.window > 0 && rows.count == 1 ? rows.position_end - params.window : 0;
  return {std::max<int64_t>(0, first_key) / kMmaKeys,
          (rows.position_end + kMmaKeys - 1) / kMmaKeys};
}

// Items of at most `blocks` key blocks each.
void DivideIntoItems(const PartialAttentionParams& params, int64_t blocks, BatchPlan* plan) {
  plan->items.clear();
  plan->merges.clear();
  plan->max_merge_pairs = 0;
  int64_t partial = 0;
  for (int s = 0; s < params.num_sequences; ++s) {
    if (!HasItems(params, s)) continue;
    const BlockRange range = BlocksOf(params, s);
    const int64_t count = (range.size() + blocks - 1) / blocks;
    if (count > 1) {
      plan->merges.push_back({s, static_cast<int>(partial), static_cast<int>(count)});
      plan->max_merge_pairs = std::max(plan->max_merge_pairs, static_cast<int>(Pairs(params, s)));
    }
    for (int64_t i = 0; i < count; ++i) {
      plan->items.push_back({s, static_cast<int>(range.first + i * range.size() / count),
                             static_cast<int>(range.first + (i + 1) * range.size() / count),
                             count > 1 ? static_cast<int>(partial) : -1});
      if (count > 1) partial += Pairs(params, s) * params.kv.num_kv_heads;
    }
  }
}

int64_t PartialCount(const PartialAttentionParams& params, const BatchPlan& plan) {
  int64_t count = 0;
  for (const AttentionMerge& merge : plan.merges) {
    count += merge.count * Pairs(params, merge.sequence) * params.kv.num_kv_heads;
  }
  return count;
}

void Run(const AttentionLaunch& launch, const AttentionPlan& plan, cudaStream_t stream) {
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

}  // namespace

GpuTraits CurrentGpu() {
  const int major = DeviceAttribute(cudaDevAttrComputeCapabilityMajor);
  const int minor = DeviceAttribute(cudaDevAttrComputeCapabilityMinor);
  return {Multiprocessors(), major == 9 && minor == 0};
}

int64_t PartialAttentionWorkspaceBytes(int head_size) {
  return (kMaxPartials + kMaxItemPartials) *
         static_cast<int64_t>(head_size * sizeof(float) + sizeof(float2));
}

int MaxSplits(const PartialAttentionParams& params) {
  const int64_t pairs = params.num_rows * params.num_heads;
  return static_cast<int>(std::max<int64_t>(1, kMaxPartials / pairs));
}

bool CanRunSm90(const PartialAttentionParams& params, const GpuTraits& gpu) {
  return gpu.sm90 && params.soft_cap == 0 && params.kv.head_size <= kSm90MaxHead;
}

AttentionPlan PlanAttention(const PartialAttentionParams& params, const GpuTraits& gpu) {
  const bool few_rows =
      params.num_rows * Group(params) <= kDecodeTilePairs * int64_t{params.num_sequences};
  const AttentionKernel kernel = few_rows                  ? AttentionKernel::kDecode
                                 : CanRunSm90(params, gpu) ? AttentionKernel::kSm90
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

BatchPlan PlanBatch(const PartialAttentionParams& params, const GpuTraits& gpu) {
  BatchPlan plan{};
  PartialAttentionParams others = params;  // counts of the other sequences
  others.num_rows = others.num_sequences = 0;
  others.position_end = 0;
  int64_t blocks = 0, longest = 0, whole = 0;
  for (int s = 0; s < params.num_sequences; ++s) {
    if (HasItems(params, s)) {
      const int64_t size = BlocksOf(params, s).size();
      blocks += size;
      longest = std::max(longest, size);
      whole += params.kv.num_kv_heads;
      continue;
    }
    ++others.num_sequences;
    others.num_rows += params.rows[s].count;
    others.position_end = std::max(others.position_end, params.rows[s].position_end);
  }
  if (others.num_rows > 0) {
    plan.plan = PlanAttention(others, gpu);
    plan.plan.splits = std::min(plan.plan.splits, MaxSplits(params));
    for (int s = 0; s < params.num_sequences; ++s) {
      if (HasItems(params, s)) continue;
      const int tile = TilePairs(plan.plan.kernel);
      plan.other_tiles += static_cast<int>((Pairs(params, s) + tile - 1) / tile);
    }
  }
  if (blocks == 0) return plan;
  const int64_t slots = kDecodeBlocks * gpu.multiprocessors;
  const int64_t all_blocks = blocks * params.kv.num_kv_heads;
  int64_t item_blocks = std::max(kMinItemBlocks, all_blocks / (kItemsPerSlot * slots));
  // Without merges.
  if (whole <= slots && longest * slots <= kMaxImbalance * all_blocks) item_blocks = longest;
  for (;; item_blocks *= 2) {
    DivideIntoItems(params, item_blocks, &plan);
    if (PartialCount(params, plan) <= kMaxItemPartials) break;
  }
  std::stable_sort(plan.items.begin(), plan.items.end(),
                   [](const AttentionItem& a, const AttentionItem& b) {
                     return a.end_block - a.first_block > b.end_block - b.first_block;
                   });
  return plan;
}

void RunPlan(const PartialAttentionParams& params, const AttentionPlan& plan, cudaStream_t stream) {
  const AttentionLaunch launch = LaunchOf(params, plan, stream);
  Run(launch, plan, stream);
}

void RunBatch(const PartialAttentionParams& params, const BatchPlan& plan, cudaStream_t stream) {
  AttentionLaunch launch = LaunchOf(params, plan.plan, stream);
  if (!plan.items.empty()) {
    const AttentionLaunch items = ItemLaunchOf(launch, plan, stream);
    LaunchDecode(items, stream);
    if (!plan.merges.empty()) {
      const AttentionMerge* merges = params.tables->Upload(plan.merges, stream);
      LaunchMergeItems(items, merges, static_cast<int>(plan.merges.size()), plan.max_merge_pairs,
                       stream);
    }
  }
  if (plan.other_tiles == 0) return;
  launch.max_tiles = plan.other_tiles;
  launch.item_pairs = kDecodeTilePairs;
  Run(launch, plan.plan, stream);
}

}  // namespace cacheblend::cuda
