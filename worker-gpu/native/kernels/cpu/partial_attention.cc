#include "kernels/cpu/partial_attention.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "kernels/cpu/partial_attention_tile.h"

namespace cacheblend {
namespace {

// With fewer tiles than this, spans of keys become tasks, so that decoding feeds all cores.
constexpr size_t kEnoughTasks = 32;

class AlignedFloats {
 public:
  float* AtLeast(int64_t count) {
    if (count > count_) {
      memory_.reset(new (std::align_val_t{64}) float[count]);
      count_ = count;
    }
    return memory_.get();
  }

 private:
  struct Delete {
    void operator()(float* memory) const { operator delete[](memory, std::align_val_t{64}); }
  };
  std::unique_ptr<float[], Delete> memory_;
  int64_t count_ = 0;
};

struct PlannedTile {
  AttentionTile tile;
  int64_t first_span, end_span;
  int64_t key_count;  // over all rows
  float* partials;    // [span], where spans are tasks
};

struct SpanTask {
  const PlannedTile* planned;
  int64_t span;
};

// Memory of the calling thread, kept from call to call.
struct Plan {
  std::vector<PlannedTile> tiles;
  std::vector<SpanTask> tasks;
  AlignedFloats partials;
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

// Longest first.
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

int64_t QueriesOf(const AttentionTile& tile) {
  return (tile.end_row - tile.first_row) * (tile.params->num_heads / tile.params->num_kv_heads);
}

float* ThreadScratch(const AttentionTileKernels& kernels, const AttentionTile& tile) {
  thread_local AlignedFloats scratch;
  return scratch.AtLeast(kernels.scratch_floats(*tile.params, QueriesOf(tile)));
}

// Whichever way `parallel` shares out its tasks: each thread takes the next item when it has
// finished one, in order.
template <typename Body>
void ForEachInOrder(const ParallelFor& parallel, size_t count, const Body& body) {
  std::atomic<size_t> next{0};
  parallel(static_cast<int64_t>(count), [&](int64_t) {
    for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) body(i);
  });
}

void AttendTiles(const AttentionTileKernels& kernels, const std::vector<PlannedTile>& tiles,
                 const ParallelFor& parallel) {
  ForEachInOrder(parallel, tiles.size(), [&](size_t i) {
    const PlannedTile& planned = tiles[i];
    kernels.attend(planned.tile, planned.first_span, planned.end_span,
                   ThreadScratch(kernels, planned.tile));
  });
}

void AttendSpans(const AttentionTileKernels& kernels, Plan* plan, const ParallelFor& parallel) {
  const auto partial_floats = [&](const PlannedTile& planned) {
    return kernels.partial_floats(*planned.tile.params, QueriesOf(planned.tile));
  };
  int64_t floats = 0;
  for (const PlannedTile& planned : plan->tiles) {
    floats += (planned.end_span - planned.first_span) * partial_floats(planned);
  }
  float* partials = plan->partials.AtLeast(floats);
  plan->tasks.clear();
  for (PlannedTile& planned : plan->tiles) {
    planned.partials = partials;
    partials += (planned.end_span - planned.first_span) * partial_floats(planned);
    for (int64_t span = planned.first_span; span < planned.end_span; ++span) {
      plan->tasks.push_back({&planned, span});
    }
  }
  ForEachInOrder(parallel, plan->tasks.size(), [&](size_t i) {
    const PlannedTile& planned = *plan->tasks[i].planned;
    const int64_t span = plan->tasks[i].span;
    kernels.attend_span(planned.tile, span, ThreadScratch(kernels, planned.tile),
                        planned.partials + (span - planned.first_span) * partial_floats(planned));
  });
  ForEachInOrder(parallel, plan->tiles.size(), [&](size_t i) {
    const PlannedTile& planned = plan->tiles[i];
    kernels.merge_spans(planned.tile, planned.end_span - planned.first_span, planned.partials);
  });
}

}  // namespace

void PartialAttentionOn(Isa isa, const PartialAttentionParams& params,
                        const ParallelFor& parallel) {
  thread_local Plan plan;
  const AttentionTileKernels& kernels = KernelsOf(isa);
  PlanTiles(params, &plan.tiles);
  const bool some_have_spans = std::any_of(
      plan.tiles.begin(), plan.tiles.end(),
      [](const PlannedTile& planned) { return planned.end_span - planned.first_span > 1; });
  if (some_have_spans && plan.tiles.size() < kEnoughTasks) {
    AttendSpans(kernels, &plan, parallel);
  } else {
    AttendTiles(kernels, plan.tiles, parallel);
  }
}

void PartialAttention(const PartialAttentionParams& params, const ParallelFor& parallel) {
  PartialAttentionOn(CurrentIsa(), params, parallel);
}

}  // namespace cacheblend
