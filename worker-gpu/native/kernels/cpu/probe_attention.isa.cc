// For each block of 64 keys and each micro-tile of kMicroRows queries:
//   scores [rows][64] = queries [rows][Dh] x keys [Dh][64], in base 2
// in a first pass for maximum and sum of each query, in a second one for the masses of the keys.
// Slots that no query sees may hold any bits, including NaN: their scores are replaced before use.

#include <cstdint>
#include <limits>

#include "kernels/cpu/multiply.h"
#include "kernels/cpu/probe_attention_tile.h"
#include "kernels/cpu/simd.h"
#include "kernels/cpu/soft_cap.h"

namespace cacheblend::CACHEBLEND_ISA {
namespace {

constexpr int kBlockVectors = kBlockTokens / kLanes;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Lower than any finite score, and finite, so that no difference is NaN.
constexpr float kNoMaximum = -std::numeric_limits<float>::max();

int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t Most(int64_t a, int64_t b) { return a > b ? a : b; }

void LoadQueries(const ProbeTile& tile) {
  const ProbeAttentionParams& params = *tile.params;
  const int group = tile.Group();
  const float scale = ScoreScale(params.scale, params.soft_cap).query_factor();
  int64_t i = 0;
  for (int64_t row = tile.first_row; row < tile.end_row; ++row) {
    const float* q = params.q + (row * params.num_heads + tile.kv_head * group) * params.head_size;
    for (int head = 0; head < group; ++head, ++i, q += params.head_size) {
      float* to = tile.queries + i / kMicroRows * kMicroRows * params.head_size + i % kMicroRows;
      for (int d = 0; d < params.head_size; ++d) to[d * kMicroRows] = q[d] * scale;
    }
  }
}

// Slots [first, end) of a block that a query sees.
struct Slots {
  int64_t first, end;

  bool empty() const { return first >= end; }
};

Slots SlotsOf(const ProbeTile& tile, int64_t query, int64_t block) {
  const int64_t start = block * kBlockTokens;
  return {Most(tile.FirstKey(query) - start, 0), Least(tile.probe->key_end - start, kBlockTokens)};
}

// The scores of the slots, -infinity elsewhere.
Vec Visible(const float* scores, int j, const Slots& slots) {
  const auto lane = static_cast<float>(j * kLanes);
  return SelectBetween(LaneNumbers(), Broadcast(static_cast<float>(slots.first) - lane),
                       Broadcast(static_cast<float>(slots.end) - lane), Load(scores + j * kLanes),
                       Broadcast(-kInfinity));
}

// Scores of the micro-tile that starts at a query, [rows][64]; returns its number of rows.
int64_t Score(const ProbeTile& tile, int64_t query, int64_t block, float* scores) {
  const int head_size = tile.params->head_size;
  const int64_t rows = Least(kMicroRows, tile.NumQueries() - query);
  const float* keys =
      tile.probe->kv.key_blocks[block] + int64_t{tile.kv_head} * head_size * kBlockTokens;
  Multiply<1, kMicroRows, false>(rows, kBlockVectors, tile.queries + query * head_size, keys,
                                 kBlockTokens, head_size, scores, kBlockTokens);
  const ScoreScale scale(tile.params->scale, tile.params->soft_cap);
  if (scale.capped()) {
    for (int64_t i = 0; i < rows * kBlockTokens; i += kLanes) {
      Store(scores + i, scale.Cap(Load(scores + i)));
    }
  }
  return rows;
}

// Includes the scores of a block in a query's maximum and sum.
void Include(const float* scores, const Slots& slots, float* maximum, float* sum) {
  Vec highest = Broadcast(kNoMaximum);
  for (int j = 0; j < kBlockVectors; ++j) highest = Max(highest, Visible(scores, j, slots));
  const float next = MaxOfLanes(highest);
  if (next > *maximum) {
    float factor[kLanes];
    Store(factor, Exp2(Broadcast(*maximum - next)));
    *sum *= factor[0];
    *maximum = next;
  }
  Vec weights = Broadcast(0.0f);
  for (int j = 0; j < kBlockVectors; ++j) {
    weights = weights + Exp2(Visible(scores, j, slots) - Broadcast(*maximum));
  }
  *sum += SumOfLanes(weights);
}

void Statistics(const ProbeTile& tile) {
  const int64_t queries = tile.NumQueries();
  float* const sums = tile.factors;
  LoadQueries(tile);
  for (int64_t i = 0; i < queries; ++i) {
    tile.maxima[i] = kNoMaximum;
    sums[i] = 0.0f;
  }
  const int64_t end_block = CeilDiv(tile.probe->key_end, kBlockTokens);
  for (int64_t block = tile.FirstKey(0) / kBlockTokens; block < end_block; ++block) {
    for (int64_t i = 0; i < queries; i += kMicroRows) {
      if (SlotsOf(tile, i, block).empty()) continue;  // and those of later rows
      alignas(64) float scores[kMicroRows * kBlockTokens];
      const int64_t rows = Score(tile, i, block, scores);
      for (int64_t r = 0; r < rows; ++r) {
        const Slots slots = SlotsOf(tile, i + r, block);
        if (slots.empty()) continue;
        Include(scores + r * kBlockTokens, slots, tile.maxima + i + r, sums + i + r);
      }
    }
  }
  for (int64_t i = 0; i < queries; ++i) {
    tile.factors[i] = sums[i] == 0.0f ? 0.0f : tile.probe->weight / sums[i];
  }
}

// Adds the weights of one micro-tile to the masses of a block, [64].
void AddWeights(const ProbeTile& tile, int64_t query, int64_t block, float* masses) {
  if (SlotsOf(tile, query, block).empty()) return;
  alignas(64) float scores[kMicroRows * kBlockTokens];
  const int64_t rows = Score(tile, query, block, scores);
  for (int64_t r = 0; r < rows; ++r) {
    const Slots slots = SlotsOf(tile, query + r, block);
    if (slots.empty()) continue;
    const Vec maximum = Broadcast(tile.maxima[query + r]);
    const Vec factor = Broadcast(tile.factors[query + r]);
    for (int j = 0; j < kBlockVectors; ++j) {
      const Vec weight = Exp2(Visible(scores + r * kBlockTokens, j, slots) - maximum);
      float* mass = masses + j * kLanes;
      Store(mass, MulAdd(weight, factor, Load(mass)));
    }
  }
}

void Accumulate(const ProbeTile* tiles, int64_t tile_count, int64_t first_block,
                int64_t end_block) {
  alignas(64) float masses[kProbeTaskBlocks * kBlockTokens] = {};
  for (int64_t t = 0; t < tile_count; ++t) {
    for (int64_t i = 0; i < tiles[t].NumQueries(); i += kMicroRows) {
      for (int64_t block = first_block; block < end_block; ++block) {
        AddWeights(tiles[t], i, block, masses + (block - first_block) * kBlockTokens);
      }
    }
  }
  const ProbeSequence& probe = *tiles->probe;
  const int64_t first = first_block * kBlockTokens;
  const int64_t end = Least(probe.key_end, end_block * kBlockTokens);
  float* to = probe.mass + tiles->kv_head * probe.mass_stride;
  for (int64_t key = first; key < end; ++key) to[key] += masses[key - first];
}

}  // namespace

const ProbeTileKernels kProbeTileKernels = {Statistics, Accumulate};

}  // namespace cacheblend::CACHEBLEND_ISA
