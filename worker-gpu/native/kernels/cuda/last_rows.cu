#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/last_rows.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 128;

struct LastLaunch {
  LastRowsParams params;
  PerSequence<LastRowsParams::Sequence> sequences;
};

// One thread block per sequence.
__global__ void __launch_bounds__(kThreads)
    LastRowsKernel(const __grid_constant__ LastLaunch launch) {
  const LastRowsParams& p = launch.params;
  LaunchDependents();
  AwaitPrimary();
  const int s = blockIdx.x;
  const LastRowsParams::Sequence sequence = launch.sequences[s];
  const int64_t begin = p.row_offsets[s], end = p.row_offsets[s + 1];
  for (int64_t i = threadIdx.x; i < sequence.count; i += kThreads) {
    const int64_t row = max(begin, end - sequence.count + i);
    p.query_rows[sequence.offset + i] = row;
    p.query_positions[sequence.offset + i] = p.positions[row];
  }
  if (threadIdx.x != 0) return;
  p.query_row_offsets[s] = sequence.offset;
  if (s + 1 == p.num_sequences) p.query_row_offsets[s + 1] = p.total;
  if (s >= p.num_ends) return;
  p.ends[s] = sequence.offset + sequence.count - 1;
  p.last_rows[s] = end - 1;
}

}  // namespace

void LastRows(const LastRowsParams& p, StepTables& tables, cudaStream_t stream) {
  const LastLaunch launch = {p, tables.Pass(p.sequences, p.num_sequences, stream)};
  LaunchEarly<LastRowsKernel>(dim3(p.num_sequences), kThreads, 0, stream, launch,
                              "launch of LastRowsKernel");
}

}  // namespace cacheblend::cuda
