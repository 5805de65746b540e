#include "kernels/cuda/check.h"
#include "kernels/cuda/injection_at.cuh"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/kv_parts.cuh"
#include "kernels/cuda/rotate.cuh"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 128;

template <typename T, int N>
__device__ void InjectRow(const InjectCachedParams& p, const Injection& injection,
                          int64_t position) {
  const int head_size = p.kv.head_size, half = head_size / 2;
  const int64_t row_size = int64_t{p.kv.num_kv_heads} * head_size;
  const T* k = ChunkRow<T>(injection, p.layer, false, position, row_size);
  const T* v = ChunkRow<T>(injection, p.layer, true, position, row_size);
  // A chunk may extend past the rotation tables, but no query row does.
  const int64_t rotation = position < p.tables.position_count ? position : 0;
  const auto target = [&](void* data, int head) {
    return static_cast<T*>(data) + KvOffset(p.kv, p.block_table, position, head);
  };
  ForEachKvPart<N, kThreads>(
      p.kv,
      [&](int head, int d) {
        RotatePart<T, N>(k + int64_t{head} * head_size, half, d, p.tables.cos + rotation * half,
                         p.tables.sin + rotation * half, target(p.kv.keys, head));
      },
      [&](int head, int d) {
        CopyPart<T, N>(v + int64_t{head} * head_size + d, target(p.kv.values, head) + d);
      });
}

template <typename T>
__device__ void ClearRow(const InjectCachedParams& p, int64_t position) {
  for (int i = threadIdx.x; i < p.kv.num_kv_heads * p.kv.head_size; i += kThreads) {
    const int64_t to = KvOffset(p.kv, p.block_table, position, i / p.kv.head_size);
    static_cast<T*>(p.kv.keys)[to + i % p.kv.head_size] = FromFloat<T>(0);
    static_cast<T*>(p.kv.values)[to + i % p.kv.head_size] = FromFloat<T>(0);
  }
}

// One thread block per position: short blocks do not delay the concurrent GEMM, which needs whole
// multiprocessors. Blocks of eight positions each did.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    InjectCachedKernel(const __grid_constant__ InjectCachedParams p) {
  const int64_t position = p.from + blockIdx.x;
  const int index = InjectionAt(p.injections, position);
  if (index >= 0) {
    InjectRow<T, N>(p, p.injections.data[index], position);
  } else if (position >= p.zeros_from) {
    ClearRow<T>(p, position);
  }
}

}  // namespace

void InjectCached(const InjectCachedParams& p, cudaStream_t stream) {
  ForType(p.kv.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const auto blocks = static_cast<unsigned>(p.to - p.from);
    // Rows of a chunk are contiguous from an aligned address.
    if (CanPack<T>(p.kv.head_size, {})) {
      InjectCachedKernel<T, kPack><<<blocks, kThreads, 0, stream>>>(p);
    } else {
      InjectCachedKernel<T, 1><<<blocks, kThreads, 0, stream>>>(p);
    }
  });
  Check(cudaGetLastError(), "KvInject: launch of InjectCachedKernel");
}

}  // namespace cacheblend::cuda
