#include "kernels/cpu/partial_attention.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cpu/aligned_buffer.h"
#include "kernels/cpu/partial_attention_tile.h"

namespace cacheblend {
namespace {

// With fewer tiles than this, each span of keys is a task, so that decoding uses all cores.
constexpr size_t kMinTileTasks = 32;

struct PlannedTile {
  AttentionTile tile;
  int64_t first_span, end_span;
  int64_t key_count;    // over all rows
  std::byte* partials;  // [span], if spans are tasks

  int64_t SpanCount() const { return end_span - first_span; }
};

struct SpanTask {
  const PlannedTile* planned;
  int64_t span;
};

// Memory of the calling thread, reused by later calls.
struct Plan {
  std::vector<PlannedTile> tiles;
  std::vector<SpanTask> tasks;
  AlignedBuffer partials, scratch;
};

const AttentionTileKernels& KernelsOf(Isa isa) {
  switch (isa) {
    case Isa::kAvx512:
      return avx512::kAttentionTileKernels;
    case Isa::kAvx2:
      return avx2::kAttentionTileKernels;
    case Isa::kBaseline:
      break;
  }
  return baseline::kAttentionTileKernels;
}

int64_t FirstKey(const PartialAttentionParams& params, int64_t row) {
  return params.window > 0 ? std::max<int64_t>(0, params.positions[row] - params.window + 1) : 0;
}

PlannedTile PlanTile(const AttentionTile& tile) {
  const PartialAttentionParams& params = *tile.params;
  PlannedTile planned = {tile, FirstKey(params, tile.first_row) / kSpanTokens,
                         params.positions[tile.end_row - 1] / kSpanTokens + 1, 0, nullptr};
  for (int64_t row = tile.first_row; row < tile.end_row; ++row) {
    planned.key_count += params.positions[row] + 1 - FirstKey(params, row);
  }
  return planned;
}

// Sorted by cost, most expensive first.
void PlanTiles(const PartialAttentionParams& params, std::vector<PlannedTile>* tiles) {
  const int64_t rows_per_tile =
      std::max<int64_t>(1, kTileQueries / (params.num_heads / params.num_kv_heads));
  tiles->clear();
  for (int64_t s = 0; s < params.num_sequences; ++s) {
    const int64_t end = params.row_offsets[s + 1];
    for (int64_t row = params.row_offsets[s]; row < end; row += rows_per_tile) {
      for (int kv_head = 0; kv_head < params.num_kv_heads; ++kv_head) {
        tiles->push_back(PlanTile({&params, s, kv_head, row, std::min(row + rows_per_tile, end)}));
      }
    }
  }
  std::sort(tiles->begin(), tiles->end(),
            [](const PlannedTile& a, const PlannedTile& b) { return a.key_count > b.key_count; });
}

// Scratch memory of each worker. It is allocated before the tasks start: tasks must not throw.
class WorkerScratch {
 public:
  WorkerScratch(const AttentionTileKernels& kernels, const std::vector<PlannedTile>& tiles,
                const ParallelFor& parallel, AlignedBuffer* memory) {
    for (const PlannedTile& planned : tiles) {
      const AttentionTile& tile = planned.tile;
      bytes_ = std::max(bytes_, kernels.scratch_bytes(*tile.params, tile.NumQueries()));
    }
    memory_ = memory->Reserve(bytes_ * parallel.num_threads);
  }

  std::byte* Of(int64_t worker) const { return memory_ + worker * bytes_; }

 private:
  int64_t bytes_ = 0;
  std::byte* memory_;
};

// Calls body(worker, i) for each i in [0, count). Workers claim items in order, so the schedule
// does not depend on how `parallel` distributes its tasks.
template <typename Body>
void ForEachInOrder(const ParallelFor& parallel, int64_t count, const Body& body) {
  std::atomic<int64_t> next{0};
  parallel(std::min(count, parallel.num_threads), [&](int64_t worker) {
    for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) body(worker, i);
  });
}

void AttendTiles(const AttentionTileKernels& kernels, const std::vector<PlannedTile>& tiles,
                 const WorkerScratch& scratch, const ParallelFor& parallel) {
  ForEachInOrder(parallel, tiles.size(), [&](int64_t worker, int64_t i) {
    const PlannedTile& planned = tiles[i];
    kernels.attend(planned.tile, planned.first_span, planned.end_span, scratch.Of(worker));
  });
}

void AttendSpans(const AttentionTileKernels& kernels, Plan* plan, const WorkerScratch& scratch,
                 const ParallelFor& parallel) {
  const auto partial_bytes = [&](const PlannedTile& planned) {
    return kernels.partial_bytes(*planned.tile.params, planned.tile.NumQueries());
  };
  int64_t bytes = 0;
  for (const PlannedTile& planned : plan->tiles) {
    bytes += planned.SpanCount() * partial_bytes(planned);
  }
  std::byte* partials = plan->partials.Reserve(bytes);
  plan->tasks.clear();
  for (PlannedTile& planned : plan->tiles) {
    planned.partials = partials;
    partials += planned.SpanCount() * partial_bytes(planned);
    for (int64_t span = planned.first_span; span < planned.end_span; ++span) {
      plan->tasks.push_back({&planned, span});
    }
  }
  ForEachInOrder(parallel, plan->tasks.size(), [&](int64_t worker, int64_t i) {
    const PlannedTile& planned = *plan->tasks[i].planned;
    const int64_t span = plan->tasks[i].span;
    kernels.attend_span(planned.tile, span, scratch.Of(worker),
                        planned.partials + (span - planned.first_span) * partial_bytes(planned));
  });
  ForEachInOrder(parallel, plan->tiles.size(), [&](int64_t, int64_t i) {
    const PlannedTile& planned = plan->tiles[i];
    kernels.merge_spans(planned.tile, planned.SpanCount(), planned.partials);
  });
}

}  // namespace

void PartialAttentionOn(Isa isa, const PartialAttentionParams& params,
                        const ParallelFor& parallel) {
  thread_local Plan plan;
  const AttentionTileKernels& kernels = KernelsOf(isa);
  PlanTiles(params, &plan.tiles);
  if (plan.tiles.empty()) return;
  const WorkerScratch scratch(kernels, plan.tiles, parallel, &plan.scratch);
  const bool any_has_spans =
      std::any_of(plan.tiles.begin(), plan.tiles.end(),
                  [](const PlannedTile& planned) { return planned.SpanCount() > 1; });
  if (any_has_spans && plan.tiles.size() < kMinTileTasks) {
    AttendSpans(kernels, &plan, scratch, parallel);
  } else {
    AttendTiles(kernels, plan.tiles, scratch, parallel);
  }
}

void PartialAttention(const PartialAttentionParams& params, const ParallelFor& parallel) {
  PartialAttentionOn(CurrentIsa(), params, parallel);
}

}  // namespace cacheblend
