#include "kernels/cuda/check.h"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/placement_at.cuh"
#include "kernels/cuda/rotate.cuh"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 128;

template <typename T, int N>
__device__ void PlaceRow(const PlaceCachedParams& p, const Placement& placement, int64_t position) {
  const int head_size = p.kv.head_size, half = head_size / 2;
  const int64_t row_size = int64_t{p.kv.num_kv_heads} * head_size;
  const T* k = ChunkRow<T>(placement, p.layer, false, position, row_size);
  const T* v = ChunkRow<T>(placement, p.layer, true, position, row_size);
  // A chunk may reach past the tables, where no row ever asks.
  const int64_t rotation = position < p.tables.position_count ? position : 0;
  const int rotations = p.kv.num_kv_heads * (half / N);
  const int copies = p.kv.num_kv_heads * (head_size / N);
  for (int part = threadIdx.x; part < rotations + copies; part += kThreads) {
    const bool is_key = part < rotations;
    const int i = is_key ? part : part - rotations;
    const int parts = is_key ? half / N : head_size / N;
    const int head = i / parts, d = i % parts * N;
    const int64_t to = KvOffset(p.kv, p.block_table, position, head);
    const int64_t column = int64_t{head} * head_size;
    if (is_key) {
      RotatePart<T, N>(k + column, half, d, p.tables.cos + rotation * half,
                       p.tables.sin + rotation * half, static_cast<T*>(p.kv.keys) + to);
    } else {
      CopyPart<T, N>(v + column + d, static_cast<T*>(p.kv.values) + to + d);
    }
  }
}

template <typename T>
__device__ void ClearRow(const PlaceCachedParams& p, int64_t position) {
  for (int i = threadIdx.x; i < p.kv.num_kv_heads * p.kv.head_size; i += kThreads) {
    const int64_t to = KvOffset(p.kv, p.block_table, position, i / p.kv.head_size);
    static_cast<T*>(p.kv.keys)[to + i % p.kv.head_size] = FromFloat<T>(0);
    static_cast<T*>(p.kv.values)[to + i % p.kv.head_size] = FromFloat<T>(0);
  }
}

// One block of threads per position: they are soon done, and in nobody's way. Products need whole
// multiprocessors; blocks that took eight positions each kept the next product waiting for some.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    PlaceCachedKernel(const __grid_constant__ PlaceCachedParams p) {
  const int64_t position = p.from + blockIdx.x;
  const int index = PlacementAt(p.placements, position);
  if (index >= 0) {
    PlaceRow<T, N>(p, p.placements.data[index], position);
  } else if (position >= p.zeros_from) {
    ClearRow<T>(p, position);
  }
}

}  // namespace

void PlaceCached(const PlaceCachedParams& p, cudaStream_t stream) {
  ForType(p.kv.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const auto blocks = static_cast<unsigned>(p.to - p.from);
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
