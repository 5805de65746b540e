#include "kernels/cuda/choose_rows.h"
#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/row_ranks.cuh"

namespace cacheblend::cuda {

namespace {

constexpr int kMaxGap = 3;

__host__ __device__ int64_t RoundUpToPowerOfTwo(int64_t n) {
  int64_t power = 1;
  while (power < n) power *= 2;
  return power;
}

// Memory of one sequence. A key orders segments by descending score, then by ascending index.
struct Workspace {
  unsigned long long* keys;  // [power of two >= anchors]
  int* anchors;              // [anchors] rows, ascending
  int* starts;               // [anchors] first anchor of each segment

  __device__ Workspace(void* memory, int64_t anchor_count)
      : keys(static_cast<unsigned long long*>(memory)),
        anchors(reinterpret_cast<int*>(keys + RoundUpToPowerOfTwo(anchor_count))),
        starts(anchors + anchor_count) {}
};

__device__ int CollectAnchors(const float* ranks, int64_t num_rows, int64_t count, int* anchors) {
  const Threshold threshold = FindThreshold(ranks, num_rows, count);
  const auto counts_of = [&](int64_t row) {
    if (IsForced(ranks[row])) return KeptCounts{0, 0};
    const unsigned rank = RankOf(ranks[row]);
    return KeptCounts{rank > threshold.rank, rank == threshold.rank};
  };
  const int64_t kept = VisitKept(num_rows, threshold, counts_of, [&](int64_t index, int64_t row) {
    anchors[index] = static_cast<int>(row);
  });
  __syncthreads();
  return static_cast<int>(kept);
}

__device__ int CollectStarts(const int* anchors, int anchor_count, int* starts) {
  const auto counts_of = [&](int64_t i) {
    return KeptCounts{i == 0 || anchors[i] - anchors[i - 1] > kMaxGap, 0};
  };
  const int64_t segments =
      VisitKept(anchor_count, Threshold{0, 0}, counts_of,
                [&](int64_t index, int64_t i) { starts[index] = static_cast<int>(i); });
  __syncthreads();
  return static_cast<int>(segments);
}

// Writes a key for each segment, and the lowest key up to `key_count`.
__device__ void ScoreSegments(const float* ranks, const Workspace& at, int segment_count,
                              int anchor_count, int64_t key_count) {
  for (int64_t k = threadIdx.x; k < key_count; k += kRankThreads) {
    at.keys[k] = 0;
    if (k >= segment_count) continue;
    const int first = at.starts[k], end = k + 1 < segment_count ? at.starts[k + 1] : anchor_count;
    float sum = 0;
    for (int i = first; i < end; ++i) sum += ranks[at.anchors[i]];
    const float score = sum / sqrtf(static_cast<float>(end - first));
    at.keys[k] = static_cast<unsigned long long>(RankOf(score)) << 32 |
                 (0xffffffffu - static_cast<unsigned>(k));
  }
  __syncthreads();
}

// Bitonic, descending; `count` is a power of two.
__device__ void Sort(unsigned long long* keys, int64_t count) {
  for (int64_t run = 2; run <= count; run *= 2) {
    for (int64_t distance = run / 2; distance > 0; distance /= 2) {
      for (int64_t i = threadIdx.x; i < count; i += kRankThreads) {
        const int64_t other = i ^ distance;
        if (other <= i) continue;
        const unsigned long long a = keys[i], b = keys[other];
        if ((a < b) == ((i & run) == 0)) {
          keys[i] = b;
          keys[other] = a;
        }
      }
      __syncthreads();
    }
  }
}

__device__ int Reach(int segment_length) {
  const int rows = static_cast<int>(roundf(8 * sqrtf(static_cast<float>(segment_length))));
  return min(max(rows, 8), 64);
}

// Marks up to `room` rows after `last`, by one warp. Returns how many rows are newly marked.
__device__ int64_t Grow(float* ranks, int64_t num_rows, int last, int reach, int64_t room) {
  const int lane = threadIdx.x;
  int64_t grown = 0;
  for (int base = 0; base < reach && grown < room; base += 32) {
    const int64_t row = int64_t{last} + 1 + base + lane;
    const bool inside = base + lane < reach && row < num_rows;
    const float rank = inside ? ranks[row] : -1;
    const unsigned stops = __ballot_sync(~0u, IsForced(rank));
    const int stop = stops == 0 ? 32 : __ffs(stops) - 1;
    const bool is_new = lane < stop && rank != INFINITY;
    const unsigned news = __ballot_sync(~0u, is_new);
    const int before = __popc(news & ((1u << lane) - 1));
    if (is_new && before < room - grown) ranks[row] = INFINITY;
    grown = min(room, grown + __popc(news));
    __syncwarp();
    if (stops != 0) break;
  }
  return grown;
}

struct ExpandLaunch {
  ExpandRowsParams params;
  PerSequence<ExpandRowsParams::Sequence> sequences;
};

// One thread block per sequence.
__global__ void __launch_bounds__(kRankThreads)
    ExpandRowsKernel(const __grid_constant__ ExpandLaunch launch) {
  const ExpandRowsParams& p = launch.params;
  LaunchDependents();
  AwaitPrimary();
  const ExpandRowsParams::Sequence sequence = launch.sequences[blockIdx.x];
  if (sequence.anchor_count >= sequence.count || sequence.anchor_count == 0) return;
  const int64_t begin = p.row_offsets[blockIdx.x];
  const int64_t num_rows = p.row_offsets[blockIdx.x + 1] - begin;
  float* const ranks = p.ranks + begin;
  const Workspace at(static_cast<char*>(p.workspace) + sequence.workspace_offset,
                     sequence.anchor_count);
  const int anchors = CollectAnchors(ranks, num_rows, sequence.anchor_count, at.anchors);
  const int segments = CollectStarts(at.anchors, anchors, at.starts);
  const int64_t key_count = RoundUpToPowerOfTwo(segments);
  ScoreSegments(ranks, at, segments, anchors, key_count);
  for (int i = threadIdx.x; i < anchors; i += kRankThreads) ranks[at.anchors[i]] = INFINITY;
  Sort(at.keys, key_count);
  __syncthreads();
  if (threadIdx.x >= 32) return;
  int64_t chosen = anchors;
  for (int64_t i = 0; i < segments && chosen < sequence.count; ++i) {
    const int k = static_cast<int>(0xffffffffu - static_cast<unsigned>(at.keys[i]));
    const int end = k + 1 < segments ? at.starts[k + 1] : anchors;
    chosen += Grow(ranks, num_rows, at.anchors[end - 1], Reach(end - at.starts[k]),
                   sequence.count - chosen);
  }
}

}  // namespace

int64_t ExpandRowsBytes(int64_t anchor_count) {
  return 8 * (RoundUpToPowerOfTwo(anchor_count) + anchor_count);
}

void ExpandRows(const ExpandRowsParams& p, StepTables& tables, cudaStream_t stream) {
  const ExpandLaunch launch = {p, tables.Pass(p.sequences, p.num_sequences, stream)};
  LaunchEarly<ExpandRowsKernel>(dim3(p.num_sequences), kRankThreads, 0, stream, launch,
                                "launch of ExpandRowsKernel");
}

}  // namespace cacheblend::cuda
