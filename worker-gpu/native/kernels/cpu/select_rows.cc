#include "kernels/select_rows.h"

#include <algorithm>
#include <vector>

#include "kernels/cpu/isa_variants.h"
#include "kernels/keep_rows.h"

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
      p.scores[scored[i]] = row.weight * squared_distance(row.fresh, row.cached, p.row_size);
    }
  });
  KeepRows(
      {p.scores, p.row_offsets, p.num_sequences, p.keep_counts, p.kept_rows, p.kept_row_offsets});
}

}  // namespace cacheblend
