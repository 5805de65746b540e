#pragma once

#include <cstdint>

#include "kernels/cpu/isa.h"
#include "kernels/parallel.h"

namespace cacheblend {

struct RowPair {
  const float* fresh;   // [row_size]
  const float* cached;  // [row_size]; null for a forced row
  float weight = 1;     // factor of the score, 0 or more
};

// Scores rows by the weighted squared L2 distance between fresh and cached KV. Keeps, in each
// sequence, the forced rows and the keep_counts[s] highest scores. Ties go to the lower row; NaN
// ranks as infinity.
struct SelectRowsParams {
  const RowPair* rows;
  const int64_t* row_offsets;  // [num_sequences + 1]
  int64_t num_sequences;
  const int64_t* keep_counts;  // [num_sequences]; -1 keeps all rows without scoring
  int64_t row_size;
  float* scores;              // [rows]; -1 for rows that are not scored
  int64_t* kept_rows;         // at most [rows], ascending
  int64_t* kept_row_offsets;  // [num_sequences + 1]
};

void SelectRows(const SelectRowsParams& params, const ParallelFor& parallel,
                Isa isa = CurrentIsa());
void SelectRowsReference(const SelectRowsParams& params);

}  // namespace cacheblend
