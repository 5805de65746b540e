#include <vector>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/injection_at.cuh"
#include "kernels/cuda/keep_rows.h"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/masses.cuh"
#include "kernels/cuda/select_rows.h"

namespace cacheblend::cuda {

namespace {

constexpr int kWarp = 32, kWarpsPerBlock = 4;

template <typename T, int N>
__device__ float PartialDistance(const T* fresh, const T* cached, int64_t size, int lane) {
  float sum = 0;
  for (int64_t i = int64_t{lane} * N; i < size; i += kWarp * N) {
    const auto a = *reinterpret_cast<const Pack<T, N>*>(fresh + i);
    const auto b = *reinterpret_cast<const Pack<T, N>*>(cached + i);
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const float difference = ToFloat(a.at[j]) - ToFloat(b.at[j]);
      sum += difference * difference;
    }
  }
  return sum;
}

struct ScoreLaunch {
  SelectRowsParams params;
  PerSequence<SequenceChoice> choices;
};

// One warp per row.
template <typename T, int N>
__global__ void __launch_bounds__(kWarp* kWarpsPerBlock)
    ScoreRowsKernel(const __grid_constant__ ScoreLaunch launch) {
  const SelectRowsParams& p = launch.params;
  LaunchDependents();
  AwaitPrimary();
  const int64_t row = int64_t{blockIdx.x} * kWarpsPerBlock + threadIdx.x / kWarp;
  const int lane = threadIdx.x % kWarp;
  if (row >= p.num_rows) return;
  const int sequence = WarpSequenceOf(p.row_offsets, p.num_sequences, row);
  const SequenceChoice choice = launch.choices[sequence];
  const int64_t position = p.positions[row];
  const bool last = row + 1 == p.row_offsets[sequence + 1];
  const int index = last || choice.keep_count < 0 ? -1 : InjectionAt(choice.injections, position);
  float score = -1;
  if (index >= 0) {
    const Rows& rows = choice.compare_keys ? p.k : p.v;
    const T* fresh = static_cast<const T*>(rows.data) + row * rows.stride;
    const T* cached = ChunkRow<T>(choice.injections.data[index], p.layer, !choice.compare_keys,
                                  position, p.row_size);
    score = PartialDistance<T, N>(fresh, cached, p.row_size, lane);
    for (int offset = kWarp / 2; offset > 0; offset /= 2) {
      score += __shfl_xor_sync(0xffffffffu, score, offset);
    }
  }
  if (lane != 0) return;
  if (index >= 0 && choice.masses.data != nullptr) score *= MassAt(choice.masses, position);
  p.scores[row] = score;
}

void ScoreRows(const SelectRowsParams& p, StepTables& tables, cudaStream_t stream) {
  const ScoreLaunch launch = {p, tables.Pass(p.choices, p.num_sequences, stream)};
  ForType(p.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const auto blocks = static_cast<unsigned>((p.num_rows + kWarpsPerBlock - 1) / kWarpsPerBlock);
    bool packed = p.row_size % kPack == 0;
    for (const Rows& rows : {p.k, p.v}) {
      packed = packed && IsAligned(rows.data, 16) && rows.stride % kPack == 0;
    }
    constexpr char kWhat[] = "SelectRows: launch of ScoreRowsKernel";
    constexpr int kThreads = kWarp * kWarpsPerBlock;
    if (packed) {
      LaunchEarly<ScoreRowsKernel<T, kPack>>(dim3(blocks), kThreads, 0, stream, launch, kWhat);
    } else {
      LaunchEarly<ScoreRowsKernel<T, 1>>(dim3(blocks), kThreads, 0, stream, launch, kWhat);
    }
  });
}

}  // namespace

void SelectRows(const SelectRowsParams& p, StepTables& tables, cudaStream_t stream) {
  ScoreRows(p, tables, stream);
  std::vector<KeepRowsParams::Keep> keeps;
  KeepRowsParams keep{};
  keep.ranks = p.scores;
  keep.row_offsets = p.row_offsets;
  for (int s = 0; s < p.num_sequences; ++s) {
    keeps.push_back({p.choices[s].keep_count, p.choices[s].kept_offset});
  }
  keep.keeps = keeps.data();
  keep.num_sequences = p.num_sequences;
  keep.num_kept_rows = p.num_kept_rows;
  keep.positions = p.positions;
  keep.kept_rows = p.kept_rows;
  keep.kept_positions = p.kept_positions;
  keep.kept_row_offsets = p.kept_row_offsets;
  KeepRows(keep, tables, stream);
}

}  // namespace cacheblend::cuda
