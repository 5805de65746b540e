#pragma once

#include <cstdint>

#include "kernels/cpu/isa.h"
#include "kernels/parallel.h"

namespace cacheblend {

struct RowPair {
  const float* fresh;   // [row_size]
  const float* cached;  // [row_size]; null: the row is forced
};

// Scores rows by the squared L2 distance to their cached twin and keeps, in each sequence, the
// forced ones and the keep_counts[s] highest scores. Ties go to the lower row; a score that is
// not a number ranks as infinite.
struct SelectRowsParams {
  const RowPair* rows;
  const int64_t* row_offsets;  // [num_sequences + 1]
  int64_t num_sequences;
  const int64_t* keep_counts;  // [num_sequences]; -1: nothing is compared, all rows stay
  int64_t row_size;
  float* scores;              // [rows]; -1 where nothing was compared
  int64_t* kept_rows;         // [rows] at most, ascending
  int64_t* kept_row_offsets;  // [num_sequences + 1]
};

void SelectRows(const SelectRowsParams& params, const ParallelFor& parallel,
                Isa isa = CurrentIsa());
void SelectRowsReference(const SelectRowsParams& params);

}  // namespace cacheblend
