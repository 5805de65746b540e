#pragma once

#include <cstdint>

namespace cacheblend {

// Row count for which the algorithm of a product is chosen: exact up to 2048 rows, then rounded up
// to a multiple of 2 (above 4096 rows of 4, and so on), so that long steps of similar size share a
// plan. Short products are exact, because the best algorithm changes with the number of tiles that
// their rows fill.
inline int64_t RowBucket(int64_t num_rows) {
  int64_t step = 1;
  while (step * 2048 < num_rows) step *= 2;
  return (num_rows + step - 1) / step * step;
}

}  // namespace cacheblend
