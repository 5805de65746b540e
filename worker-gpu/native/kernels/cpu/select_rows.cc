#include "kernels/select_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/isa_variants.h"

namespace cacheblend {

namespace baseline {
float SquaredDistance(const float* a, const float* b, int64_t size);
}
namespace avx2 {
float SquaredDistance(const float* a, const float* b, int64_t size);
}
namespace avx512 {
float SquaredDistance(const float* a, const float* b, int64_t size);
}

namespace {

constexpr int64_t kRowsPerTask = 32;

struct Candidate {
  float score;
  int64_t row;
};

bool RanksHigher(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

// The `count` highest-scored rows of [begin, end), ascending.
std::vector<int64_t> BestRows(const SelectRowsParams& p, int64_t begin, int64_t end,
                              int64_t count) {
  std::vector<Candidate> candidates;
  for (int64_t row = begin; row < end; ++row) {
    if (p.rows[row].cached == nullptr) continue;
    const float score = p.scores[row];
    candidates.push_back({std::isnan(score) ? std::numeric_limits<float>::infinity() : score, row});
  }
  count = std::min<int64_t>(count, candidates.size());
  std::nth_element(candidates.begin(), candidates.begin() + count, candidates.end(), RanksHigher);
  std::vector<int64_t> best;
  best.reserve(count);
  for (int64_t i = 0; i < count; ++i) best.push_back(candidates[i].row);
  std::sort(best.begin(), best.end());
  return best;
}

int64_t KeepRows(const SelectRowsParams& p, int64_t sequence, int64_t kept) {
  const int64_t begin = p.row_offsets[sequence], end = p.row_offsets[sequence + 1];
  const bool keep_all = p.keep_counts[sequence] < 0;
  const std::vector<int64_t> best =
      keep_all ? std::vector<int64_t>() : BestRows(p, begin, end, p.keep_counts[sequence]);
  auto next_best = best.begin();
  for (int64_t row = begin; row < end; ++row) {
    const bool is_best = next_best != best.end() && *next_best == row;
    if (is_best) ++next_best;
    if (keep_all || is_best || p.rows[row].cached == nullptr) p.kept_rows[kept++] = row;
  }
  return kept;
}

}  // namespace

void SelectRows(const SelectRowsParams& p, const ParallelFor& parallel, Isa isa) {
  const auto squared_distance =
      ChooseVariant(isa, baseline::SquaredDistance, avx2::SquaredDistance, avx512::SquaredDistance);
  std::vector<int64_t> scored;  // rows
  for (int64_t s = 0; s < p.num_sequences; ++s) {
    for (int64_t row = p.row_offsets[s]; row < p.row_offsets[s + 1]; ++row) {
      p.scores[row] = -1;
      if (p.keep_counts[s] >= 0 && p.rows[row].cached != nullptr) scored.push_back(row);
    }
  }
  const int64_t num_scored = scored.size();
  parallel((num_scored + kRowsPerTask - 1) / kRowsPerTask, [&](int64_t task) {
    const int64_t end = std::min(num_scored, (task + 1) * kRowsPerTask);
    for (int64_t i = task * kRowsPerTask; i < end; ++i) {
      const RowPair& row = p.rows[scored[i]];
      p.scores[scored[i]] = squared_distance(row.fresh, row.cached, p.row_size);
    }
  });
  int64_t kept = 0;
  p.kept_row_offsets[0] = 0;
  for (int64_t s = 0; s < p.num_sequences; ++s) {
    kept = KeepRows(p, s, kept);
    p.kept_row_offsets[s + 1] = kept;
  }
}

}  // namespace cacheblend
