#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/keep_rows.h"
#include "kernels/cuda/row_ranks.cuh"

namespace cacheblend::cuda {

namespace {

// One thread block per sequence.
__global__ void __launch_bounds__(kRankThreads)
    KeepRowsKernel(const __grid_constant__ KeepRowsParams p) {
  LaunchDependents();
  AwaitPrimary();
  const int sequence = blockIdx.x;
  const KeepRowsParams::Keep& keep = p.keeps[sequence];
  const int64_t begin = p.row_offsets[sequence], num_rows = p.row_offsets[sequence + 1] - begin;
  const float* ranks = p.ranks + begin;
  const bool keep_all = keep.count < 0;
  const Threshold threshold = FindThreshold(ranks, num_rows, keep_all ? 0 : keep.count);
  const auto counts_of = [&](int64_t row) {
    if (keep_all || IsForced(ranks[row])) return KeptCounts{1, 0};
    const unsigned rank = RankOf(ranks[row]);
    return KeptCounts{rank > threshold.rank, rank == threshold.rank};
  };
  VisitKept(num_rows, threshold, counts_of, [&](int64_t kept, int64_t row) {
    const int64_t index = keep.offset + kept;
    if (index >= p.num_kept_rows) return;  // the outputs have the size that the host computed
    if (p.kept_rows != nullptr) p.kept_rows[index] = begin + row;
    if (p.kept_token_ids != nullptr) p.kept_token_ids[index] = p.token_ids[begin + row];
    p.kept_positions[index] = p.positions[begin + row];
  });
  if (threadIdx.x == 0) {
    p.kept_row_offsets[sequence] = keep.offset;
    if (sequence + 1 == p.num_sequences) p.kept_row_offsets[sequence + 1] = p.num_kept_rows;
  }
}

}  // namespace

void KeepRows(const KeepRowsParams& p, cudaStream_t stream) {
  LaunchEarly<KeepRowsKernel>(dim3(p.num_sequences), kRankThreads, 0, stream, p,
                              "launch of KeepRowsKernel");
}

}  // namespace cacheblend::cuda
