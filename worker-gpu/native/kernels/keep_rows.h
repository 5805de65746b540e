#pragma once

#include <cstdint>

namespace cacheblend {

// Keeps, in each sequence, the forced rows and the keep_counts[s] highest-ranked other rows. Ties
// go to the lower row; NaN ranks as infinity.
struct KeepRowsParams {
  const float* ranks;          // [rows]; below 0 for a forced row, without meaning where all stay
  const int64_t* row_offsets;  // [num_sequences + 1]
  int64_t num_sequences;
  const int64_t* keep_counts;  // [num_sequences]; -1 keeps all rows
  int64_t* kept_rows;          // at most [rows], ascending
  int64_t* kept_row_offsets;   // [num_sequences + 1]
};

void KeepRows(const KeepRowsParams& params);
void KeepRowsReference(const KeepRowsParams& params);

// Spreads a selection to the right, because answers follow what a question matches. The
// `anchor_count` highest-ranked rows are anchors. Anchors at most 3 positions apart form a segment.
// Segments grow to the right in the order of rank sum / sqrt(anchors), ties to the lower row, each
// by round(8 sqrt(anchors)) rows, 8 at least and 64 at most, up to the first forced row, until
// `count` rows are anchors or grown. Sets the ranks of these rows to infinity, so that KeepRows
// with `count` keeps them and fills up by rank.
struct ExpandRowsParams {
  float* ranks;  // [row_count], of one sequence with adjacent positions; below 0 for a forced row
  int64_t row_count;
  int64_t anchor_count, count;
};

void ExpandRows(const ExpandRowsParams& params);
void ExpandRowsReference(const ExpandRowsParams& params);

}  // namespace cacheblend
