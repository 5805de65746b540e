#include <cub/block/block_scan.cuh>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/select_rows_stages.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 1024;
constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;

// Rank of a score as an unsigned integer. Scores are non-negative, so their bit patterns order like
// their values. NaN ranks as infinity.
__device__ unsigned RankOf(float score) {
  return isnan(score) ? 0x7f800000u : __float_as_uint(score);
}

__device__ bool IsForced(float score) { return score < 0; }

// Rank of the `count`-th highest score, and how many rows of exactly this rank are kept. Found by
// radix selection from the most significant digit.
struct Threshold {
  unsigned rank;
  int64_t tie_count;
};

// Finds the digit of the `wanted`-th highest element of a histogram, and how many elements of this
// digit are wanted; digit 0 if there are fewer elements. Called by one warp: each lane scans eight
// digits, lane 0 the highest.
__device__ void FindDigit(const unsigned* histogram, int64_t wanted, int* found_digit,
                          int64_t* found_wanted) {
  constexpr int kPerLane = kDigits / 32;
  const int lane = threadIdx.x, highest = kDigits - 1 - kPerLane * lane;
  const int lowest = highest - kPerLane + 1;
  unsigned sum = 0;
#pragma unroll
  for (int i = 0; i < kPerLane; ++i) sum += histogram[highest - i];
  unsigned inclusive = sum;
  for (int step = 1; step < 32; step *= 2) {
    const unsigned below = __shfl_up_sync(~0u, inclusive, step);
    if (lane >= step) inclusive += below;
  }
  const unsigned reached = __ballot_sync(~0u, inclusive >= wanted);
  if (lane != (reached == 0 ? 31 : __ffs(reached) - 1)) return;
  int digit = highest;
  int64_t left = wanted - (inclusive - sum);
  while (digit > lowest && histogram[digit] < left) left -= histogram[digit--];
  *found_digit = digit;
  *found_wanted = left;
}

__device__ Threshold FindThreshold(const float* scores, int64_t num_rows, int64_t count) {
  __shared__ unsigned histogram[kDigits];
  __shared__ int digit;
  __shared__ int64_t wanted;
  Threshold threshold{0, count};
  for (int shift = 32 - kDigitBits; shift >= 0; shift -= kDigitBits) {
    for (int i = threadIdx.x; i < kDigits; i += kThreads) histogram[i] = 0;
    __syncthreads();
    for (int64_t row = threadIdx.x; row < num_rows; row += kThreads) {
      if (IsForced(scores[row])) continue;
      const unsigned rank = RankOf(scores[row]);
      // Higher digits must equal the threshold's. 64 bits, because a shift by 32 is undefined.
      const bool candidate =
          (static_cast<unsigned long long>(rank) >> (shift + kDigitBits)) ==
          (static_cast<unsigned long long>(threshold.rank) >> (shift + kDigitBits));
      if (candidate) atomicAdd(&histogram[rank >> shift & (kDigits - 1)], 1u);
    }
    __syncthreads();
    if (threadIdx.x < 32) FindDigit(histogram, threshold.tie_count, &digit, &wanted);
    __syncthreads();
    threshold = {threshold.rank | static_cast<unsigned>(digit) << shift, wanted};
  }
  return threshold;
}

// Rows above the threshold, and rows of exactly its rank, of which the first ones are kept.
struct Counts {
  int kept, ties;
  __device__ Counts operator+(const Counts& other) const {
    return {kept + other.kept, ties + other.ties};
  }
};

// One thread block per sequence. Each thread owns consecutive rows, so that kept rows stay in
// order.
__global__ void __launch_bounds__(kThreads)
    KeepRowsKernel(const __grid_constant__ SelectRowsParams p) {
  using Scan = cub::BlockScan<Counts, kThreads>;
  __shared__ typename Scan::TempStorage storage;
  LaunchDependents();
  AwaitPrimary();
  const int sequence = blockIdx.x;
  const SequenceChoice& choice = p.choices[sequence];
  const int64_t begin = p.row_offsets[sequence], end = p.row_offsets[sequence + 1];
  const float* scores = p.scores + begin;
  const bool keep_all = choice.keep_count < 0;
  const Threshold threshold = choice.keep_count > 0
                                  ? FindThreshold(scores, end - begin, choice.keep_count)
                                  : Threshold{0xffffffffu, 0};
  const auto counts_of = [&](int64_t row) {
    const float score = p.scores[row];
    if (keep_all || IsForced(score)) return Counts{1, 0};
    const unsigned rank = RankOf(score);
    return Counts{rank > threshold.rank, rank == threshold.rank};
  };

  const int64_t per_thread = (end - begin + kThreads - 1) / kThreads;
  const int64_t first = min(begin + threadIdx.x * per_thread, end);
  const int64_t last = min(first + per_thread, end);
  Counts counts = {0, 0};
  for (int64_t row = first; row < last; ++row) counts = counts + counts_of(row);
  Scan(storage).ExclusiveScan(counts, counts, Counts{0, 0},
                              [](const Counts& a, const Counts& b) { return a + b; });
  for (int64_t row = first; row < last; ++row) {
    const Counts it = counts_of(row);
    const bool keep = it.kept != 0 || (it.ties != 0 && counts.ties < threshold.tie_count);
    const int64_t index =
        choice.kept_offset + counts.kept + min(int64_t{counts.ties}, threshold.tie_count);
    // The outputs have the size that the host computed.
    if (keep && index < p.num_kept_rows) {
      p.kept_rows[index] = row;
      p.kept_positions[index] = p.positions[row];
    }
    counts = counts + it;
  }
  if (threadIdx.x == 0) {
    p.kept_row_offsets[sequence] = choice.kept_offset;
    if (sequence + 1 == p.num_sequences) p.kept_row_offsets[sequence + 1] = p.num_kept_rows;
  }
}

}  // namespace

void KeepRows(const SelectRowsParams& p, cudaStream_t stream) {
  LaunchEarly<KeepRowsKernel>(dim3(p.num_sequences), kThreads, 0, stream, p,
                              "SelectRows: launch of KeepRowsKernel");
}

void SelectRows(const SelectRowsParams& params, cudaStream_t stream) {
  ScoreRows(params, stream);
  KeepRows(params, stream);
}

}  // namespace cacheblend::cuda
