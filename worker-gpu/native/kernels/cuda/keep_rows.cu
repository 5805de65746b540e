#include <cub/block/block_scan.cuh>

#include "kernels/cuda/check.h"
#include "kernels/cuda/select_rows_stages.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 1024;
constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;

// Order of scores as unsigned integers. Scores are sums of squares, so their bits rank like their
// values; what is not a number ranks as infinite.
__device__ unsigned RankOf(float score) {
  return isnan(score) ? 0x7f800000u : __float_as_uint(score);
}

__device__ bool IsForced(float score) { return score < 0; }

// The rank that the `count`-th best of the scored rows has, and how many rows of that very rank
// are to be kept. Radix selection: digit by digit from the highest.
struct Threshold {
  unsigned rank;
  int64_t tie_count;
};

__device__ Threshold FindThreshold(const float* scores, int64_t num_rows, int64_t count) {
  __shared__ unsigned histogram[kDigits];
  __shared__ Threshold found;
  Threshold threshold{0, count};
  for (int shift = 32 - kDigitBits; shift >= 0; shift -= kDigitBits) {
    for (int i = threadIdx.x; i < kDigits; i += kThreads) histogram[i] = 0;
    __syncthreads();
    for (int64_t row = threadIdx.x; row < num_rows; row += kThreads) {
      if (IsForced(scores[row])) continue;
      const unsigned rank = RankOf(scores[row]);
      // The digits above must be those of the threshold; a shift by 32 is not defined.
      const bool candidate =
          (static_cast<unsigned long long>(rank) >> (shift + kDigitBits)) ==
          (static_cast<unsigned long long>(threshold.rank) >> (shift + kDigitBits));
      if (candidate) atomicAdd(&histogram[rank >> shift & (kDigits - 1)], 1u);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      int64_t left = threshold.tie_count;
      int digit = kDigits - 1;
      while (digit > 0 && histogram[digit] < left) left -= histogram[digit--];
      found = {threshold.rank | static_cast<unsigned>(digit) << shift, left};
    }
    __syncthreads();
    threshold = found;
    __syncthreads();
  }
  return threshold;
}

// One block of threads per sequence: rows are kept in their order, a tile of kThreads at a time.
__global__ void __launch_bounds__(kThreads)
    KeepRowsKernel(const __grid_constant__ SelectRowsParams p) {
  using Scan = cub::BlockScan<int, kThreads>;
  __shared__ typename Scan::TempStorage tie_storage, kept_storage;
  const int sequence = blockIdx.x;
  const SequenceChoice& choice = p.choices[sequence];
  const int64_t begin = p.row_offsets[sequence], end = p.row_offsets[sequence + 1];
  const float* scores = p.scores + begin;
  const bool keep_all = choice.keep_count < 0;
  const Threshold threshold = choice.keep_count > 0
                                  ? FindThreshold(scores, end - begin, choice.keep_count)
                                  : Threshold{0xffffffffu, 0};

  int64_t ties_before = 0, kept = choice.kept_offset;
  for (int64_t tile = begin; tile < end; tile += kThreads) {
    const int64_t row = tile + threadIdx.x;
    const bool present = row < end;
    const float score = present ? p.scores[row] : 0;
    const bool scored = present && !keep_all && !IsForced(score);
    const unsigned rank = RankOf(score);
    const int tie = scored && rank == threshold.rank;
    int ties, ties_in_tile;
    Scan(tie_storage).ExclusiveSum(tie, ties, ties_in_tile);
    const bool best =
        scored && (rank > threshold.rank || (tie && ties_before + ties < threshold.tie_count));
    const int keep = present && (best || !scored);
    int place, kept_in_tile;
    Scan(kept_storage).ExclusiveSum(keep, place, kept_in_tile);
    // What the host has counted is what fits.
    if (keep && kept + place < p.num_kept_rows) {
      p.kept_rows[kept + place] = row;
      p.kept_positions[kept + place] = p.positions[row];
    }
    ties_before += ties_in_tile;
    kept += kept_in_tile;
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    p.kept_row_offsets[sequence] = choice.kept_offset;
    if (sequence + 1 == p.num_sequences) p.kept_row_offsets[sequence + 1] = p.num_kept_rows;
  }
}

}  // namespace

void KeepRows(const SelectRowsParams& p, cudaStream_t stream) {
  KeepRowsKernel<<<p.num_sequences, kThreads, 0, stream>>>(p);
  Check(cudaGetLastError(), "SelectRows: launch of the kernel that keeps rows");
}

void SelectRows(const SelectRowsParams& params, cudaStream_t stream) {
  ScoreRows(params, stream);
  KeepRows(params, stream);
}

}  // namespace cacheblend::cuda
