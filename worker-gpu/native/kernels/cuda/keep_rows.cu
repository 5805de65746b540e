#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/keep_rows.h"
#include "kernels/cuda/row_ranks.cuh"

namespace cacheblend::cuda {

namespace {

__device__ int64_t TokenIdOf(const KeepRowsParams& p, int64_t row) {
  const int64_t id = p.token_ids[row], earlier = -1 - id;
  return earlier >= 0 && earlier < p.num_earlier_tokens ? p.earlier_tokens[earlier] : id;
}

struct KeepLaunch {
  KeepRowsParams params;
  PerSequence<KeepRowsParams::Keep> keeps;
};

// One thread block per sequence.
__global__ void __launch_bounds__(kRankThreads)
    KeepRowsKernel(const __grid_constant__ KeepLaunch launch) {
  const KeepRowsParams& p = launch.params;
  LaunchDependents();
  AwaitPrimary();
  const int sequence = blockIdx.x;
  const KeepRowsParams::Keep keep = launch.keeps[sequence];
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
    if (p.kept_token_ids != nullptr) p.kept_token_ids[index] = TokenIdOf(p, begin + row);
    p.kept_positions[index] = p.positions[begin + row];
  });
  if (threadIdx.x == 0) {
    p.kept_row_offsets[sequence] = keep.offset;
    if (sequence + 1 == p.num_sequences) p.kept_row_offsets[sequence + 1] = p.num_kept_rows;
  }
}

}  // namespace

void KeepRows(const KeepRowsParams& p, StepTables& tables, cudaStream_t stream) {
  const KeepLaunch launch = {p, tables.Pass(p.keeps, p.num_sequences, stream)};
  LaunchEarly<KeepRowsKernel>(dim3(p.num_sequences), kRankThreads, 0, stream, launch,
                              "launch of KeepRowsKernel");
}

}  // namespace cacheblend::cuda
