#pragma once

#include "kernels/cuda/select_rows.h"

namespace cacheblend::cuda {

// Writes `scores`.
void ScoreRows(const SelectRowsParams& params, cudaStream_t stream);

// Writes the other outputs from the scores.
void KeepRows(const SelectRowsParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
