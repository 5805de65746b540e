#include "kernels/cpu/probe_attention.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cpu/probe_attention_tile.h"

namespace cacheblend {
namespace {

// Target number of queries per tile: a key block is reused while it is in cache.
constexpr int64_t kTargetQueries = 72;

const ProbeTileKernels& KernelsOf(Isa isa) {
  switch (isa) {
    case Isa::kAvx512:
      return avx512::kProbeTileKernels;
    case Isa::kAvx2:
      return avx2::kProbeTileKernels;
    case Isa::kBaseline:
      break;
  }
  return baseline::kProbeTileKernels;
}

// Key blocks [first_block, end_block) of one probe and KV head, from all its tiles.
struct BlockTask {
  int64_t first_tile, tile_count;
  int64_t first_block, end_block;
};

// Memory of the calling thread, reused by later calls.
struct Plan {
  std::vector<ProbeTile> tiles;  // by probe, KV head and row
  std::vector<BlockTask> tasks;
  std::vector<float> memory;
};

// The first block that some query of the probe sees.
int64_t FirstBlock(const ProbeAttentionParams& params, const ProbeSequence& probe) {
  const int64_t position = params.positions[probe.first_row];
  const bool cut = params.window > 0 && position >= params.window;
  return (cut ? position - params.window + 1 : 0) / kBlockTokens;
}

void PlanTasks(const ProbeAttentionParams& params, Plan* plan) {
  const int64_t rows_per_tile =
      std::max<int64_t>(1, kTargetQueries / (params.num_heads / params.num_kv_heads));
  plan->tiles.clear();
  plan->tasks.clear();
  for (int64_t p = 0; p < params.num_probes; ++p) {
    const ProbeSequence& probe = params.probes[p];
    if (probe.key_end == 0) continue;
    const int64_t end_row = probe.first_row + probe.query_count;
    const int64_t end_block = (probe.key_end + kBlockTokens - 1) / kBlockTokens;
    for (int kv_head = 0; kv_head < params.num_kv_heads; ++kv_head) {
      const auto first_tile = static_cast<int64_t>(plan->tiles.size());
      for (int64_t row = probe.first_row; row < end_row; row += rows_per_tile) {
        plan->tiles.push_back({&params, &probe, kv_head, row,
                               std::min(row + rows_per_tile, end_row), nullptr, nullptr, nullptr});
      }
      const int64_t tile_count = static_cast<int64_t>(plan->tiles.size()) - first_tile;
      for (int64_t block = FirstBlock(params, probe); block < end_block;
           block += kProbeTaskBlocks) {
        plan->tasks.push_back(
            {first_tile, tile_count, block, std::min(block + kProbeTaskBlocks, end_block)});
      }
    }
  }
}

void AllocateTiles(const ProbeAttentionParams& params, Plan* plan) {
  int64_t floats = 0;
  for (const ProbeTile& tile : plan->tiles) {
    floats += ProbeTileCapacity(tile.NumQueries()) * (params.head_size + 2);
  }
  if (static_cast<int64_t>(plan->memory.size()) < floats) plan->memory.resize(floats);
  float* memory = plan->memory.data();
  for (ProbeTile& tile : plan->tiles) {
    const int64_t capacity = ProbeTileCapacity(tile.NumQueries());
    tile.queries = memory;
    tile.maxima = tile.queries + capacity * params.head_size;
    tile.factors = tile.maxima + capacity;
    memory = tile.factors + capacity;
  }
}

}  // namespace

void ProbeAttentionOn(Isa isa, const ProbeAttentionParams& params, const ParallelFor& parallel) {
  thread_local Plan thread_plan;
  Plan& plan = thread_plan;  // tasks on other threads must use this thread's plan
  const ProbeTileKernels& kernels = KernelsOf(isa);
  PlanTasks(params, &plan);
  if (plan.tasks.empty()) return;
  AllocateTiles(params, &plan);
  parallel(static_cast<int64_t>(plan.tiles.size()),
           [&](int64_t i) { kernels.statistics(plan.tiles[i]); });
  parallel(static_cast<int64_t>(plan.tasks.size()), [&](int64_t i) {
    const BlockTask& task = plan.tasks[i];
    kernels.accumulate(&plan.tiles[task.first_tile], task.tile_count, task.first_block,
                       task.end_block);
  });
}

void ProbeAttention(const ProbeAttentionParams& params, const ParallelFor& parallel) {
  ProbeAttentionOn(CurrentIsa(), params, parallel);
}

}  // namespace cacheblend
