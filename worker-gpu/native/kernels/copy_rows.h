#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/parallel.h"

namespace cacheblend {

struct RowCopy {
  const float* from;
  float* to;
};

inline void CopyRows(const RowCopy* copies, int64_t num_copies, int64_t row_size,
                     const ParallelFor& parallel) {
  constexpr int64_t kRowsPerTask = 32;
  parallel((num_copies + kRowsPerTask - 1) / kRowsPerTask, [&](int64_t task) {
    const int64_t end = std::min(num_copies, (task + 1) * kRowsPerTask);
    for (int64_t i = task * kRowsPerTask; i < end; ++i) {
      std::memcpy(copies[i].to, copies[i].from, row_size * sizeof(float));
    }
  });
}

}  // namespace cacheblend
