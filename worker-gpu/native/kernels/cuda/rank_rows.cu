#include "kernels/cuda/choose_rows.h"
#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/injection_at.cuh"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/masses.cuh"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 128;

struct RankLaunch {
  RankRowsParams params;
  PerSequence<RankRowsParams::Sequence> sequences;
};

__global__ void __launch_bounds__(kThreads)
    RankRowsKernel(const __grid_constant__ RankLaunch launch) {
  const RankRowsParams& p = launch.params;
  LaunchDependents();
  AwaitPrimary();
  const int64_t row = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (row >= p.num_rows) return;
  const int s = SequenceOf(p.row_offsets, p.num_sequences, row);
  const RankRowsParams::Sequence sequence = launch.sequences[s];
  const int64_t position = p.positions[row];
  const bool last = row + 1 == p.row_offsets[s + 1];
  const bool scored = sequence.masses.data != nullptr && !last;
  const int chunk = scored ? InjectionAt(sequence.injections, position) : -1;
  float score = -1, rank = -1;
  if (chunk >= 0) {
    const int64_t index = position - sequence.injections.data[chunk].first;
    const bool head = index < sequence.head_depth ||
                      (index == sequence.head_depth && position < sequence.head_end);
    score = MassAt(sequence.masses, position);
    rank = head ? INFINITY : score;
  }
  p.scores[row] = score;
  p.ranks[row] = rank;
}

}  // namespace

void RankRows(const RankRowsParams& p, StepTables& tables, cudaStream_t stream) {
  const RankLaunch launch = {p, tables.Pass(p.sequences, p.num_sequences, stream)};
  const auto blocks = static_cast<unsigned>((p.num_rows + kThreads - 1) / kThreads);
  LaunchEarly<RankRowsKernel>(dim3(blocks), kThreads, 0, stream, launch,
                              "launch of RankRowsKernel");
}

}  // namespace cacheblend::cuda
