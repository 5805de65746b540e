#pragma once

#include <cstdint>

namespace cacheblend {

// Rounds a row count up to a multiple of 8 (above 2048 rows of 16, above 4096 of 32, and so on), so
// that steps of similar size share a plan. Finer than 1 %: the best algorithm of a product changes
// with the number of tiles that its rows fill.
inline int64_t RowBucket(int64_t num_rows) {
  int64_t step = 8;
  while (step * 256 < num_rows) step *= 2;
  return (num_rows + step - 1) / step * step;
}

}  // namespace cacheblend
