// For each block of 64 keys and each micro-tile of kMicroRows queries:
//   scores [rows][64]   = queries [rows][Dh] x keys [Dh][64]
//   weights             = 2^(scores - maximum), in place; queries are scaled by log2(e) before
//   values [rows][Dv]  += weights [rows][64] x values [64][Dv]
// Slots that a query does not see may hold anything, also NaN: their scores are replaced before use
// and their values are never multiplied.

#include <cstdint>
#include <limits>

#include "kernels/cpu/partial_attention_tile.h"
#include "kernels/cpu/simd.h"

namespace cacheblend::CACHEBLEND_ISA {
namespace {

// The accumulators of a micro-tile, one row of b and one broadcast fill the registers: 24 + 4 + 1
// of 32 with AVX-512, 12 + 2 + 1 of 16 with AVX2; without FMA a product needs one more.
constexpr int kMicroRows = kLanes == 4 ? 4 : 6;
constexpr int kMicroVectors = kLanes == 16 ? 4 : 2;

constexpr int kBlockVectors = kBlockTokens / kLanes;
constexpr int64_t kBlocksPerSpan = kSpanTokens / kBlockTokens;

// Below every score that a key can have but -infinity, and finite, so that no difference is NaN.
constexpr float kNoMaximum = -std::numeric_limits<float>::max();

// The maximum that weights refer to follows the scores only when they pass it by this factor of
// two: weights stay far from overflow, and accumulated values are seldom rescaled.
constexpr float kMaximumSlack = 8.0f;

constexpr float kLog2E = 1.44269504088896340736f;

int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t Most(int64_t a, int64_t b) { return a > b ? a : b; }
int64_t RoundUp(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }
int64_t CeilDiv(int64_t n, int64_t d) { return (n + d - 1) / d; }

int GroupOf(const PartialAttentionParams& params) { return params.num_heads / params.num_kv_heads; }
int64_t StrideOf(const PartialAttentionParams& params) { return RoundUp(params.head_size, 16); }

int64_t QueriesOf(const AttentionTile& tile) {
  return (tile.end_row - tile.first_row) * GroupOf(*tile.params);
}

// c [kRows][kVectors] (+)= a [kRows][depth] x b [depth][kVectors]; steps in floats.
template <int kRows, int kVectors, int kARowStep, int kADepthStep, bool kAccumulate>
void MultiplyMicroTile(const float* a, const float* b, int64_t b_step, int64_t depth, float* c,
                       int64_t c_step) {
  Vec sum[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) {
      sum[r][j] = kAccumulate ? Load(c + r * c_step + j * kLanes) : Broadcast(0.0f);
    }
  }
  for (int64_t k = 0; k < depth; ++k) {
    Vec b_row[kVectors];
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) b_row[j] = InRegister(Load(b + j * kLanes));
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vec a_element = Broadcast(a[r * kARowStep]);
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) sum[r][j] = MulAdd(a_element, b_row[j], sum[r][j]);
    }
    a += kADepthStep;
    b += b_step;
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) Store(c + r * c_step + j * kLanes, sum[r][j]);
  }
}

template <int kARowStep, int kADepthStep, bool kAccumulate, int kRows = kMicroRows,
          int kVectors = kMicroVectors>
void MultiplyUpTo(int64_t rows, int64_t vectors, const float* a, const float* b, int64_t b_step,
                  int64_t depth, float* c, int64_t c_step) {
  if constexpr (kRows > 1) {
    if (rows < kRows) {
      return MultiplyUpTo<kARowStep, kADepthStep, kAccumulate, kRows - 1, kVectors>(
          rows, vectors, a, b, b_step, depth, c, c_step);
    }
  }
  if constexpr (kVectors > 1) {
    if (vectors < kVectors) {
      return MultiplyUpTo<kARowStep, kADepthStep, kAccumulate, kRows, kVectors - 1>(
          rows, vectors, a, b, b_step, depth, c, c_step);
    }
  }
  MultiplyMicroTile<kRows, kVectors, kARowStep, kADepthStep, kAccumulate>(a, b, b_step, depth, c,
                                                                          c_step);
}

// All columns, in groups of nearly equal width.
template <int kARowStep, int kADepthStep, bool kAccumulate>
void Multiply(int64_t rows, int64_t vectors, const float* a, const float* b, int64_t b_step,
              int64_t depth, float* c, int64_t c_step) {
  for (int64_t groups = CeilDiv(vectors, kMicroVectors); groups > 0; --groups) {
    const int64_t width = CeilDiv(vectors, groups);
    MultiplyUpTo<kARowStep, kADepthStep, kAccumulate>(rows, width, a, b, b_step, depth, c, c_step);
    b += width * kLanes;
    c += width * kLanes;
    vectors -= width;
  }
}

// Running softmax of a tile's queries over some of their keys.
struct Partial {
  float* values;  // [queries][stride], relative to 2^maxima
  float* sums;    // [queries][kLanes], weights by lane
  float* maxima;  // [queries]

  Partial(float* memory, int64_t queries, int64_t stride)
      : values(memory), sums(values + queries * stride), maxima(sums + queries * kLanes) {}

  static int64_t Floats(int64_t queries, int64_t stride) {
    return queries * (stride + kLanes) + RoundUp(queries, 16);
  }

  void Clear(int64_t queries, int64_t stride) const {
    for (int64_t i = 0; i < queries * stride; ++i) values[i] = 0.0f;
    for (int64_t i = 0; i < queries * kLanes; ++i) sums[i] = 0.0f;
    for (int64_t i = 0; i < queries; ++i) maxima[i] = kNoMaximum;
  }
};

struct Scratch {
  int64_t* first_keys;  // [queries], ascending; query i sees [first_keys[i], end_keys[i])
  int64_t* end_keys;    // [queries], ascending
  float* queries;       // [micro-tile][Dh][kMicroRows], scaled
  float* scores;        // [kMicroRows][kBlockTokens]
  float* rest;

  Scratch(float* memory, int64_t count, int64_t head_size) {
    const int64_t padded = RoundUp(count, 16);
    first_keys = reinterpret_cast<int64_t*>(memory);
    end_keys = first_keys + padded;
    queries = memory + 4 * padded;
    scores = queries + RoundUp(RoundUp(count, kMicroRows) * head_size, 16);
    rest = scores + kMicroRows * kBlockTokens;
  }

  static int64_t Floats(int64_t count, int64_t head_size) {
    return Scratch(nullptr, count, head_size).rest - static_cast<float*>(nullptr);
  }
};

void LoadQueries(const AttentionTile& tile, const Scratch& scratch) {
  const PartialAttentionParams& params = *tile.params;
  const int group = GroupOf(params);
  const float scale = params.scale * kLog2E;
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

// Turns one query's scores of a block into weights. kWhole: the query sees all 64 keys; otherwise
// those from `first` to before `end`, the only ones that are looked at.
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

void AttendWholeBlock(const MicroTile& tile, int64_t head_size, int64_t stride, const float* keys,
                      const float* values, float* scores, const Partial& partial) {
  Multiply<1, kMicroRows, false>(tile.rows, kBlockVectors, tile.queries, keys, kBlockTokens,
                                 head_size, scores, kBlockTokens);
  for (int64_t r = 0; r < tile.rows; ++r) {
    ScoresToWeights<true>(scores + r * kBlockTokens, 0, kBlockTokens, tile.first_query + r, stride,
                          partial);
  }
  Multiply<kBlockTokens, 1, true>(tile.rows, stride / kLanes, scores, values, stride, kBlockTokens,
                                  partial.values + tile.first_query * stride, stride);
}

// A block that some row sees in part or not at all. Rows ascend, and so do the first and the last
// key that they see: each key meets one run of rows, and keys are taken in stretches that meet the
// same run, so that no weight of zero multiplies a slot that may hold NaN.
void AttendBoundaryBlock(const MicroTile& tile, int64_t block_start, int64_t head_size,
                         int64_t stride, const float* keys, const float* values, float* scores,
                         const Partial& partial) {
  int64_t first[kMicroRows] = {}, end[kMicroRows] = {};
  for (int64_t r = 0; r < tile.rows; ++r) {
    first[r] = Most(tile.first[r] - block_start, 0);
    end[r] = Least(tile.end[r] - block_start, kBlockTokens);
  }
  Multiply<1, kMicroRows, false>(tile.rows, CeilDiv(end[tile.rows - 1], kLanes), tile.queries, keys,
                                 kBlockTokens, head_size, scores, kBlockTokens);
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

// Fetches one of `shares` parts of memory that is needed soon into the second-level cache.
void PrefetchShare(const float* memory, int64_t floats, int64_t share, int64_t shares) {
  constexpr int64_t kLineFloats = 16;
  for (int64_t i = floats * share / shares; i < floats * (share + 1) / shares; i += kLineFloats) {
    __builtin_prefetch(memory + i, 0, 2);
  }
}

// Adds what the keys of one span contribute to a cleared partial result.
void AttendSpan(const AttentionTile& tile, int64_t span, const Scratch& scratch,
                const Partial& partial) {
  const PartialAttentionParams& params = *tile.params;
  const KvLayerView& kv = params.kv[tile.sequence];
  const int64_t head_size = params.head_size, stride = StrideOf(params);
  const int64_t queries = QueriesOf(tile);
  const int64_t first_block = Most(span * kBlocksPerSpan, scratch.first_keys[0] / kBlockTokens);
  const int64_t end_block =
      Least((span + 1) * kBlocksPerSpan, CeilDiv(scratch.end_keys[queries - 1], kBlockTokens));
  const int64_t key_floats = head_size * kBlockTokens, value_floats = kBlockTokens * stride;
  // With few queries a block is over before a prefetch could help.
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
        AttendWholeBlock(micro_tile, head_size, stride, keys, values, scratch.scores, partial);
      } else {
        AttendBoundaryBlock(micro_tile, from, head_size, stride, keys, values, scratch.scores,
                            partial);
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
  const int group = GroupOf(params);
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

int64_t ScratchFloats(const PartialAttentionParams& params, int64_t queries) {
  return Scratch::Floats(queries, params.head_size) +
         2 * Partial::Floats(queries, StrideOf(params));
}

int64_t PartialFloats(const PartialAttentionParams& params, int64_t queries) {
  return Partial::Floats(queries, StrideOf(params));
}

void AttendTile(const AttentionTile& tile, int64_t first_span, int64_t end_span, float* memory) {
  const int64_t queries = QueriesOf(tile), stride = StrideOf(*tile.params);
  const Scratch scratch(memory, queries, tile.params->head_size);
  const Partial total(scratch.rest, queries, stride);
  const Partial partial(scratch.rest + Partial::Floats(queries, stride), queries, stride);
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

void AttendOneSpan(const AttentionTile& tile, int64_t span, float* memory, float* result) {
  const int64_t queries = QueriesOf(tile), stride = StrideOf(*tile.params);
  const Scratch scratch(memory, queries, tile.params->head_size);
  const Partial partial(result, queries, stride);
  LoadQueries(tile, scratch);
  partial.Clear(queries, stride);
  AttendSpan(tile, span, scratch, partial);
}

void MergeSpans(const AttentionTile& tile, int64_t spans, float* partials) {
  const int64_t queries = QueriesOf(tile), stride = StrideOf(*tile.params);
  const int64_t floats = Partial::Floats(queries, stride);
  const Partial total(partials, queries, stride);
  for (int64_t span = 1; span < spans; ++span) {
    Merge(queries, stride, Partial(partials + span * floats, queries, stride), total);
  }
  WriteRows(tile, total);
}

}  // namespace

const AttentionTileKernels kAttentionTileKernels = {ScratchFloats, PartialFloats, AttendTile,
                                                    AttendOneSpan, MergeSpans};

}  // namespace cacheblend::CACHEBLEND_ISA
