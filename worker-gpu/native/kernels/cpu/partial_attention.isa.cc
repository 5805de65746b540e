// For each block of 64 keys and each micro-tile of kMicroRows queries:
//   scores [rows][64]   = queries [rows][Dh] x keys [Dh][64]
//   weights             = 2^(scores - maximum), in place; scores are in base 2
//   values [rows][Dv]  += weights [rows][64] x values [64][Dv]
// Slots that no query sees may hold any bits, including NaN: their scores are replaced before use
// and their values are never multiplied.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/cpu/multiply.h"
#include "kernels/cpu/partial_attention_memory.h"
#include "kernels/cpu/partial_attention_tile.h"
#include "kernels/cpu/simd.h"
#include "kernels/cpu/soft_cap.h"

namespace cacheblend::CACHEBLEND_ISA {
namespace {

constexpr int kBlockVectors = kBlockTokens / kLanes;
constexpr int64_t kBlocksPerSpan = kSpanTokens / kBlockTokens;

// The maximum that weights are relative to is raised only when scores exceed it by this exponent
// of two: weights cannot overflow, and accumulated values are rarely rescaled.
constexpr float kMaximumSlack = 8.0f;

int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t Most(int64_t a, int64_t b) { return a > b ? a : b; }

int64_t StrideOf(const PartialAttentionParams& params) { return RoundUp(params.head_size, 16); }

void LoadQueries(const AttentionTile& tile, const Scratch& scratch) {
  const PartialAttentionParams& params = *tile.params;
  const int group = tile.Group();
  const float scale = ScoreScale(params.scale, params.soft_cap).query_factor();
  int64_t i = 0;
  for (int64_t row = tile.first_row; row < tile.end_row; ++row) {
    const int64_t position = params.positions[row];
    const float* q = params.q + (row * params.num_heads + tile.kv_head * group) * params.head_size;
    for (int head = 0; head < group; ++head, ++i, q += params.head_size) {
      scratch.first_keys[i] = params.window > 0 ? Most(0, position - params.window + 1) : 0;
      scratch.end_keys[i] = position + 1;
      const int64_t micro_tile = i / kMicroRows;
      float* to = scratch.queries + micro_tile * kMicroRows * params.head_size + i % kMicroRows;
      for (int d = 0; d < params.head_size; ++d) to[d * kMicroRows] = q[d] * scale;
    }
  }
}

void Scale(float* v, int64_t count, Vec factor) {
  for (int64_t i = 0; i < count; i += kLanes) Store(v + i, Load(v + i) * factor);
}

// Turns products of scaled queries into scores, in place.
void CapScores(const ScoreScale& scale, float* scores, int64_t rows, int64_t vectors) {
  for (int64_t r = 0; r < rows; ++r, scores += kBlockTokens) {
    for (int64_t j = 0; j < vectors; ++j) {
      Store(scores + j * kLanes, scale.Cap(Load(scores + j * kLanes)));
    }
  }
}

// Turns one query's scores of a block into weights. With kWhole the query sees all 64 keys,
// otherwise [first, end); other scores are not read.
template <bool kWhole>
void ScoresToWeights(float* scores, int64_t first, int64_t end, int64_t query, int64_t stride,
                     const Partial& partial) {
  const int64_t vectors = kWhole ? kBlockVectors : CeilDiv(end, kLanes);
  Vec highest = Broadcast(-std::numeric_limits<float>::infinity());
#pragma GCC unroll 4
  for (int64_t j = 0; j < vectors; ++j) {
    Vec score = Load(scores + j * kLanes);
    if constexpr (!kWhole) {
      const float lane = static_cast<float>(j * kLanes);
      score = SelectBetween(LaneNumbers(), Broadcast(static_cast<float>(first) - lane),
                            Broadcast(static_cast<float>(end) - lane), score,
                            Broadcast(-std::numeric_limits<float>::infinity()));
      Store(scores + j * kLanes, score);
    }
    highest = Max(highest, score);
  }
  float* sums = partial.sums + query * kLanes;
  float* maximum = partial.maxima + query;
  if (AnyGreater(highest, Broadcast(*maximum + kMaximumSlack))) {
    const float new_maximum = MaxOfLanes(highest);
    const Vec factor = Exp2(Broadcast(*maximum) - Broadcast(new_maximum));
    Scale(sums, kLanes, factor);
    Scale(partial.values + query * stride, stride, factor);
    *maximum = new_maximum;
  }
  const Vec reference = Broadcast(*maximum);
  Vec sum = Load(sums);
#pragma GCC unroll 4
  for (int64_t j = 0; j < vectors; ++j) {
    const Vec weight = Exp2(Load(scores + j * kLanes) - reference);
    Store(scores + j * kLanes, weight);
    sum = sum + weight;
  }
  Store(sums, sum);
}

// One micro-tile and one block of keys.
struct MicroTile {
  const float* queries;  // [Dh][kMicroRows]
  const int64_t* first;  // [rows]
  const int64_t* end;    // [rows]
  int64_t first_query, rows;

  bool SeesSomeOf(int64_t from, int64_t to) const { return first[0] < to && end[rows - 1] > from; }
  bool SeesAllOf(int64_t from, int64_t to) const { return first[rows - 1] <= from && end[0] >= to; }
};

void AttendWholeBlock(const MicroTile& tile, const ScoreScale& scale, int64_t head_size,
                      int64_t stride, const float* keys, const float* values, float* scores,
                      const Partial& partial) {
  Multiply<1, kMicroRows, false>(tile.rows, kBlockVectors, tile.queries, keys, kBlockTokens,
                                 head_size, scores, kBlockTokens);
  if (scale.capped()) CapScores(scale, scores, tile.rows, kBlockVectors);
  for (int64_t r = 0; r < tile.rows; ++r) {
    ScoresToWeights<true>(scores + r * kBlockTokens, 0, kBlockTokens, tile.first_query + r, stride,
                          partial);
  }
  Multiply<kBlockTokens, 1, true>(tile.rows, stride / kLanes, scores, values, stride, kBlockTokens,
                                  partial.values + tile.first_query * stride, stride);
}

// A block that some row sees in part or not at all. First and last visible key ascend with the
// rows, so each key is visible to one contiguous run of rows. Keys with the same run are multiplied
// together: a weight of zero never multiplies a slot that may hold NaN.
void AttendBoundaryBlock(const MicroTile& tile, const ScoreScale& scale, int64_t block_start,
                         int64_t head_size, int64_t stride, const float* keys, const float* values,
                         float* scores, const Partial& partial) {
  int64_t first[kMicroRows] = {}, end[kMicroRows] = {};
  for (int64_t r = 0; r < tile.rows; ++r) {
    first[r] = Most(tile.first[r] - block_start, 0);
    end[r] = Least(tile.end[r] - block_start, kBlockTokens);
  }
  const int64_t vectors = CeilDiv(end[tile.rows - 1], kLanes);
  Multiply<1, kMicroRows, false>(tile.rows, vectors, tile.queries, keys, kBlockTokens, head_size,
                                 scores, kBlockTokens);
  if (scale.capped()) CapScores(scale, scores, tile.rows, vectors);
  for (int64_t r = 0; r < tile.rows; ++r) {
    if (first[r] >= end[r]) continue;
    ScoresToWeights<false>(scores + r * kBlockTokens, first[r], end[r], tile.first_query + r,
                           stride, partial);
  }
  int64_t from_row = 0, to_row = 0;
  for (int64_t key = first[0]; key < end[tile.rows - 1];) {
    while (end[from_row] <= key) ++from_row;
    while (to_row < tile.rows && first[to_row] <= key) ++to_row;
    int64_t next = end[from_row];
    if (to_row < tile.rows) next = Least(next, first[to_row]);
    if (from_row < to_row) {
      Multiply<kBlockTokens, 1, true>(
          to_row - from_row, stride / kLanes, scores + from_row * kBlockTokens + key,
          values + key * stride, stride, next - key,
          partial.values + (tile.first_query + from_row) * stride, stride);
    }
    key = next;
  }
}

// Prefetches part `share` of `shares` of an array into the L2 cache.
void PrefetchShare(const float* memory, int64_t floats, int64_t share, int64_t shares) {
  constexpr int64_t kLineFloats = 16;
  for (int64_t i = floats * share / shares; i < floats * (share + 1) / shares; i += kLineFloats) {
    __builtin_prefetch(memory + i, 0, 2);
  }
}

// Accumulates the keys of one span into a cleared partial result.
void AttendSpan(const AttentionTile& tile, int64_t span, const Scratch& scratch,
                const Partial& partial) {
  const PartialAttentionParams& params = *tile.params;
  const KvLayerView& kv = params.kv[tile.sequence];
  const ScoreScale scale(params.scale, params.soft_cap);
  const int64_t head_size = params.head_size, stride = StrideOf(params);
  const int64_t queries = tile.NumQueries();
  const int64_t first_block = Most(span * kBlocksPerSpan, scratch.first_keys[0] / kBlockTokens);
  const int64_t end_block =
      Least((span + 1) * kBlocksPerSpan, CeilDiv(scratch.end_keys[queries - 1], kBlockTokens));
  const int64_t key_floats = head_size * kBlockTokens, value_floats = kBlockTokens * stride;
  // With few queries a block takes less time than a prefetch.
  const int64_t micro_tiles = CeilDiv(queries, kMicroRows);
  const bool prefetch = micro_tiles > 4;
  for (int64_t block = first_block; block < end_block; ++block) {
    const int64_t from = block * kBlockTokens, to = from + kBlockTokens;
    const float* keys = kv.key_blocks[block] + tile.kv_head * key_floats;
    const float* values = kv.value_blocks[block] + tile.kv_head * value_floats;
    for (int64_t m = 0; m < micro_tiles; ++m) {
      if (prefetch && block + 1 < end_block) {
        PrefetchShare(kv.key_blocks[block + 1] + tile.kv_head * key_floats, key_floats, m,
                      micro_tiles);
        PrefetchShare(kv.value_blocks[block + 1] + tile.kv_head * value_floats, value_floats, m,
                      micro_tiles);
      }
      const int64_t i = m * kMicroRows;
      const MicroTile micro_tile = {scratch.queries + i * head_size, scratch.first_keys + i,
                                    scratch.end_keys + i, i, Least(kMicroRows, queries - i)};
      if (!micro_tile.SeesSomeOf(from, to)) continue;
      if (micro_tile.SeesAllOf(from, to)) {
        AttendWholeBlock(micro_tile, scale, head_size, stride, keys, values, scratch.scores,
                         partial);
      } else {
        AttendBoundaryBlock(micro_tile, scale, from, head_size, stride, keys, values,
                            scratch.scores, partial);
      }
    }
  }
}

void Merge(int64_t queries, int64_t stride, const Partial& from, const Partial& into) {
  for (int64_t i = 0; i < queries; ++i) {
    const float maximum = from.maxima[i] > into.maxima[i] ? from.maxima[i] : into.maxima[i];
    const Vec keep = Exp2(Broadcast(into.maxima[i]) - Broadcast(maximum));
    const Vec add = Exp2(Broadcast(from.maxima[i]) - Broadcast(maximum));
    into.maxima[i] = maximum;
    const auto merge = [&](const float* source, float* target) {
      Store(target, MulAdd(Load(source), add, Load(target) * keep));
    };
    merge(from.sums + i * kLanes, into.sums + i * kLanes);
    for (int64_t d = 0; d < stride; d += kLanes) {
      merge(from.values + i * stride + d, into.values + i * stride + d);
    }
  }
}

void WriteRows(const AttentionTile& tile, const Partial& result) {
  const PartialAttentionParams& params = *tile.params;
  const int group = tile.Group();
  const int64_t stride = StrideOf(params);
  int64_t i = 0;
  for (int64_t row = tile.first_row; row < tile.end_row; ++row) {
    float* out = params.out + (row * params.num_heads + tile.kv_head * group) * params.head_size;
    for (int head = 0; head < group; ++head, ++i, out += params.head_size) {
      const float inverse_sum = 1.0f / SumOfLanes(Load(result.sums + i * kLanes));
      const float* values = result.values + i * stride;
      for (int d = 0; d < params.head_size; ++d) out[d] = values[d] * inverse_sum;
    }
  }
}

int64_t ScratchBytes(const PartialAttentionParams& params, int64_t queries) {
  return Scratch::Bytes(queries, params.head_size) + 2 * Partial::Bytes(queries, StrideOf(params));
}

int64_t PartialBytes(const PartialAttentionParams& params, int64_t queries) {
  return Partial::Bytes(queries, StrideOf(params));
}

void AttendTile(const AttentionTile& tile, int64_t first_span, int64_t end_span,
                std::byte* memory) {
  const int64_t queries = tile.NumQueries(), stride = StrideOf(*tile.params);
  const int64_t head_size = tile.params->head_size;
  const Scratch scratch(memory, queries, head_size);
  memory += Scratch::Bytes(queries, head_size);
  const Partial total(memory, queries, stride);
  const Partial partial(memory + Partial::Bytes(queries, stride), queries, stride);
  LoadQueries(tile, scratch);
  total.Clear(queries, stride);
  AttendSpan(tile, first_span, scratch, total);
  for (int64_t span = first_span + 1; span < end_span; ++span) {
    partial.Clear(queries, stride);
    AttendSpan(tile, span, scratch, partial);
    Merge(queries, stride, partial, total);
  }
  WriteRows(tile, total);
}

void AttendOneSpan(const AttentionTile& tile, int64_t span, std::byte* memory, std::byte* result) {
  const int64_t queries = tile.NumQueries(), stride = StrideOf(*tile.params);
  const Scratch scratch(memory, queries, tile.params->head_size);
  const Partial partial(result, queries, stride);
  LoadQueries(tile, scratch);
  partial.Clear(queries, stride);
  AttendSpan(tile, span, scratch, partial);
}

void MergeSpans(const AttentionTile& tile, int64_t spans, std::byte* partials) {
  const int64_t queries = tile.NumQueries(), stride = StrideOf(*tile.params);
  const int64_t bytes = Partial::Bytes(queries, stride);
  const Partial total(partials, queries, stride);
  for (int64_t span = 1; span < spans; ++span) {
    Merge(queries, stride, Partial(partials + span * bytes, queries, stride), total);
  }
  WriteRows(tile, total);
}

}  // namespace

const AttentionTileKernels kAttentionTileKernels = {ScratchBytes, PartialBytes, AttendTile,
                                                    AttendOneSpan, MergeSpans};

}  // namespace cacheblend::CACHEBLEND_ISA
