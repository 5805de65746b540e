#include "kernels/cuda/check.h"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/placement_at.cuh"
#include "kernels/cuda/rotate.cuh"

namespace cacheblend::cuda {

namespace {

// A thread block takes several positions, so that it looks them all up at once.
constexpr int kThreads = 256, kPositions = 8;

enum class Content { kChunk, kZeros, kNone };

// A position to write, and what.
template <typename T>
struct PlacedRow {
  Content content;
  const T *k, *v;
  int64_t rotation;  // row of the tables
  int64_t to;        // offset of the position's first head
};

template <typename T>
__device__ PlacedRow<T> Find(const PlaceCachedParams& p, int64_t position) {
  PlacedRow<T> row = {};
  const int index = PlacementAt(p.placements, position);
  row.content = index >= 0                 ? Content::kChunk
                : position >= p.zeros_from ? Content::kZeros
                                           : Content::kNone;
  row.to = KvOffset(p.kv, p.block_table, position, 0);
  if (index < 0) return row;
  const Placement& placement = p.placements.data[index];
  const int64_t row_size = int64_t{p.kv.num_kv_heads} * p.kv.head_size;
  row.k = ChunkRow<T>(placement, p.layer, false, position, row_size);
  row.v = ChunkRow<T>(placement, p.layer, true, position, row_size);
  // A chunk may reach past the tables, where no row ever asks.
  row.rotation = position < p.tables.position_count ? position : 0;
  return row;
}

// One of a row's parts: some elements of a key head, in both of its halves, or of a value head.
template <typename T, int N>
__device__ void WritePart(const PlaceCachedParams& p, const PlacedRow<T>& row, int part) {
  const int head_size = p.kv.head_size, half = head_size / 2;
  const int rotations = p.kv.num_kv_heads * (half / N);
  const bool is_key = part < rotations;
  const int i = is_key ? part : part - rotations;
  const int parts = is_key ? half / N : head_size / N;
  const int head = i / parts, d = i % parts * N;
  const int64_t to = row.to + int64_t{head} * kBlockTokens * head_size;
  const int64_t column = int64_t{head} * head_size;
  T *const keys = static_cast<T*>(p.kv.keys) + to, *const values =
                                                       static_cast<T*>(p.kv.values) + to;
  if (row.content == Content::kZeros) {
    const Pack<T, N> zeros = {};
    if (is_key) *reinterpret_cast<Pack<T, N>*>(keys + d) = zeros;
    if (is_key) *reinterpret_cast<Pack<T, N>*>(keys + half + d) = zeros;
    if (!is_key) *reinterpret_cast<Pack<T, N>*>(values + d) = zeros;
  } else if (is_key) {
    RotatePart<T, N>(row.k + column, half, d, p.tables.cos + row.rotation * half,
                     p.tables.sin + row.rotation * half, keys);
  } else {
    CopyPart<T, N>(row.v + column + d, values + d);
  }
}

template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    PlaceCachedKernel(const __grid_constant__ PlaceCachedParams p) {
  __shared__ PlacedRow<T> rows[kPositions];
  const int64_t first = p.from + int64_t{blockIdx.x} * kPositions;
  const int count = static_cast<int>(min(int64_t{kPositions}, p.to - first));
  if (threadIdx.x < count) rows[threadIdx.x] = Find<T>(p, first + threadIdx.x);
  __syncthreads();
  const int parts = p.kv.num_kv_heads * (p.kv.head_size / 2 / N + p.kv.head_size / N);
#pragma unroll 4
  for (int i = threadIdx.x; i < count * parts; i += kThreads) {
    const PlacedRow<T>& row = rows[i / parts];
    if (row.content != Content::kNone) WritePart<T, N>(p, row, i % parts);
  }
}

}  // namespace

void PlaceCached(const PlaceCachedParams& p, cudaStream_t stream) {
  ForType(p.kv.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const auto blocks = static_cast<unsigned>((p.to - p.from + kPositions - 1) / kPositions);
    // Rows of a chunk follow one another from an aligned address on.
    if (CanPack<T>(p.kv.head_size, {})) {
      PlaceCachedKernel<T, kPack><<<blocks, kThreads, 0, stream>>>(p);
    } else {
      PlaceCachedKernel<T, 1><<<blocks, kThreads, 0, stream>>>(p);
    }
  });
  Check(cudaGetLastError(), "KvInject: launch of the kernel that places cached KV");
}

}  // namespace cacheblend::cuda
