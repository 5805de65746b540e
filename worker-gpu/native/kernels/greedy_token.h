#pragma once

#include <cstdint>

#include "kernels/cpu/isa.h"
#include "kernels/parallel.h"

namespace cacheblend {

// Index of the largest logit of each row; ties go to the lower index. -1 if the row's maximum is
// not finite: some logit is NaN or +infinity, or all are -infinity.
struct GreedyTokenParams {
  const float* logits;  // [num_rows, size]
  int64_t num_rows, size;
  int64_t* out;  // [num_rows]
};

void GreedyToken(const GreedyTokenParams& params, const ParallelFor& parallel,
                 Isa isa = CurrentIsa());
void GreedyTokenReference(const GreedyTokenParams& params);

}  // namespace cacheblend
