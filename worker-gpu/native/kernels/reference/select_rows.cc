#include "kernels/select_rows.h"

#include "kernels/keep_rows.h"

namespace cacheblend {

namespace {

float Score(const RowPair& row, int64_t row_size) {
  double sum = 0;
  for (int64_t i = 0; i < row_size; ++i) {
    const double x = double{row.fresh[i]} - double{row.cached[i]};
    sum += x * x;
  }
  return static_cast<float>(row.weight * sum);
}

}  // namespace

void SelectRowsReference(const SelectRowsParams& p) {
  for (int64_t s = 0; s < p.num_sequences; ++s) {
    for (int64_t row = p.row_offsets[s]; row < p.row_offsets[s + 1]; ++row) {
      const bool scored = p.keep_counts[s] >= 0 && p.rows[row].cached != nullptr;
      p.scores[row] = scored ? Score(p.rows[row], p.row_size) : -1;
    }
  }
  KeepRowsReference(
      {p.scores, p.row_offsets, p.num_sequences, p.keep_counts, p.kept_rows, p.kept_row_offsets});
}

}  // namespace cacheblend
