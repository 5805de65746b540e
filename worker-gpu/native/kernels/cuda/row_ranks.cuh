#pragma once

#include <cstdint>
#include <cub/block/block_scan.cuh>

// Selection of the highest-ranked rows by one thread block.
namespace cacheblend::cuda {

inline constexpr int kRankThreads = 1024;
inline constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;

// A rank as an unsigned integer. Ranks are non-negative, so their bit patterns order like their
// values. NaN ranks as infinity.
__device__ inline unsigned RankOf(float rank) {
  return isnan(rank) ? 0x7f800000u : __float_as_uint(rank);
}

__device__ inline bool IsForced(float rank) { return rank < 0; }

// The `count`-th highest rank, and how many rows of exactly this rank are kept. Found by radix
// selection from the most significant digit.
struct Threshold {
  unsigned rank;
  int64_t tie_count;
};

// Finds the digit of the `wanted`-th highest element of a histogram, and how many elements of this
// digit are wanted; digit 0 if there are fewer elements. Called by one warp: each lane scans eight
// digits, lane 0 the highest.
__device__ inline void FindDigit(const unsigned* histogram, int64_t wanted, int* found_digit,
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

// Called by kRankThreads threads. With a count of 0 no row is kept.
__device__ inline Threshold FindThreshold(const float* ranks, int64_t num_rows, int64_t count) {
  if (count == 0) return {0xffffffffu, 0};
  __shared__ unsigned histogram[kDigits];
  __shared__ int digit;
  __shared__ int64_t wanted;
  Threshold threshold{0, count};
  for (int shift = 32 - kDigitBits; shift >= 0; shift -= kDigitBits) {
    for (int i = threadIdx.x; i < kDigits; i += kRankThreads) histogram[i] = 0;
    __syncthreads();
    for (int64_t row = threadIdx.x; row < num_rows; row += kRankThreads) {
      if (IsForced(ranks[row])) continue;
      const unsigned rank = RankOf(ranks[row]);
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

// Rows that are kept for sure, and rows of exactly the threshold's rank, of which the first ones
// are kept.
struct KeptCounts {
  int kept, ties;
  __device__ KeptCounts operator+(const KeptCounts& other) const {
    return {kept + other.kept, ties + other.ties};
  }
};

// Calls visit(index, row) for each kept row, index ascending from 0: counts_of(row) says whether it
// is kept or a tie. Each thread owns consecutive rows, so that kept rows stay in order. Returns the
// number of kept rows. Called by kRankThreads threads.
template <typename CountsOf, typename Visit>
__device__ int64_t VisitKept(int64_t num_rows, const Threshold& threshold,
                             const CountsOf& counts_of, const Visit& visit) {
  using Scan = cub::BlockScan<KeptCounts, kRankThreads>;
  __shared__ typename Scan::TempStorage storage;
  const int64_t per_thread = (num_rows + kRankThreads - 1) / kRankThreads;
  const int64_t first = min(threadIdx.x * per_thread, num_rows);
  const int64_t last = min(first + per_thread, num_rows);
  KeptCounts counts = {0, 0}, total;
  for (int64_t row = first; row < last; ++row) counts = counts + counts_of(row);
  Scan(storage).ExclusiveScan(
      counts, counts, KeptCounts{0, 0},
      [](const KeptCounts& a, const KeptCounts& b) { return a + b; }, total);
  for (int64_t row = first; row < last; ++row) {
    const KeptCounts it = counts_of(row);
    const bool keep = it.kept != 0 || (it.ties != 0 && counts.ties < threshold.tie_count);
    if (keep) visit(counts.kept + min(int64_t{counts.ties}, threshold.tie_count), row);
    counts = counts + it;
  }
  return total.kept + min(int64_t{total.ties}, threshold.tie_count);
}

}  // namespace cacheblend::cuda
