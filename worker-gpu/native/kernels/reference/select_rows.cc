#include "kernels/select_rows.h"

namespace cacheblend {

namespace {

float Score(const RowPair& row, int64_t row_size) {
  double sum = 0;
  for (int64_t i = 0; i < row_size; ++i) {
    const double x = double{row.fresh[i]} - double{row.cached[i]};
    sum += x * x;
  }
  return static_cast<float>(sum);
}

}  // namespace

// A row is kept if fewer than keep_count rows rank higher.
void SelectRowsReference(const SelectRowsParams& p) {
  int64_t kept = 0;
  p.kept_row_offsets[0] = 0;
  for (int64_t s = 0; s < p.num_sequences; ++s) {
    const int64_t begin = p.row_offsets[s], end = p.row_offsets[s + 1];
    const bool compared = p.keep_counts[s] >= 0;
    for (int64_t row = begin; row < end; ++row) {
      const bool scored = compared && p.rows[row].cached != nullptr;
      p.scores[row] = scored ? Score(p.rows[row], p.row_size) : -1;
    }
    for (int64_t row = begin; row < end; ++row) {
      int64_t better = 0;
      for (int64_t other = begin; other < end; ++other) {
        if (p.rows[other].cached == nullptr) continue;
        better +=
            p.scores[other] > p.scores[row] || (p.scores[other] == p.scores[row] && other < row);
      }
      const bool forced = p.rows[row].cached == nullptr;
      if (!compared || forced || better < p.keep_counts[s]) p.kept_rows[kept++] = row;
    }
    p.kept_row_offsets[s + 1] = kept;
  }
}

}  // namespace cacheblend
