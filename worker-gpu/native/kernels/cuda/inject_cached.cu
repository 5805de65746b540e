#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/injection_at.cuh"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/kv_parts.cuh"
#include "kernels/cuda/rotate.cuh"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 128;

using Fill = InjectCachedParams::Fill;

struct InjectLaunch {
  InjectCachedParams params;
  PerSequence<Fill> fills;
  PerSequence<int64_t> first_blocks;  // of each fill
};

template <typename T, int N>
__device__ void InjectRow(const InjectCachedParams& p, const Fill& fill, const Injection& injection,
                          int64_t position) {
  const int head_size = p.kv.head_size, half = head_size / 2;
  const int64_t row_size = int64_t{p.kv.num_kv_heads} * head_size;
  const T* k = ChunkRow<T>(injection, p.layer, false, position, row_size);
  const T* v = ChunkRow<T>(injection, p.layer, true, position, row_size);
  // A chunk may extend past the rotation tables, but no query row does.
  const int64_t rotation = position < p.tables.position_count ? position : 0;
  const auto target = [&](void* data, int head) {
    return static_cast<T*>(data) + KvOffset(p.kv, fill.block_table, position, head);
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
__device__ void ClearRow(const InjectCachedParams& p, const Fill& fill, int64_t position) {
  for (int i = threadIdx.x; i < p.kv.num_kv_heads * p.kv.head_size; i += kThreads) {
    const int64_t to = KvOffset(p.kv, fill.block_table, position, i / p.kv.head_size);
    static_cast<T*>(p.kv.keys)[to + i % p.kv.head_size] = FromFloat<T>(0);
    static_cast<T*>(p.kv.values)[to + i % p.kv.head_size] = FromFloat<T>(0);
  }
}

// One thread block per position: short blocks do not delay the concurrent GEMM, which needs whole
// multiprocessors. Blocks of eight positions each did.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    InjectCachedKernel(const __grid_constant__ InjectLaunch launch) {
  const InjectCachedParams& p = launch.params;
  int64_t low = 0, high = p.num_fills;  // first_blocks[low] <= blockIdx.x < first_blocks[high]
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    if (launch.first_blocks[middle] <= blockIdx.x) {
      low = middle;
    } else {
      high = middle;
    }
  }
  const Fill fill = launch.fills[low];
  const int64_t position = fill.from + (blockIdx.x - launch.first_blocks[low]);
  const int index = InjectionAt(fill.injections, position);
  if (index >= 0) {
    InjectRow<T, N>(p, fill, fill.injections.data[index], position);
  } else if (position >= fill.zeros_from) {
    ClearRow<T>(p, fill, position);
  }
}

}  // namespace

void InjectCached(const InjectCachedParams& p, StepTables& tables, cudaStream_t stream) {
  std::vector<int64_t> first_blocks;
  int64_t count = 0;
  for (int64_t i = 0; i < p.num_fills; ++i) {
    first_blocks.push_back(count);
    count += p.fills[i].to - p.fills[i].from;
  }
  if (count == 0) return;
  const InjectLaunch launch = {p, tables.Pass(p.fills, p.num_fills, stream),
                               tables.Pass(first_blocks.data(), p.num_fills, stream)};
  ForType(p.kv.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const auto blocks = static_cast<unsigned>(count);
    // Rows of a chunk are contiguous from an aligned address.
    if (CanPack<T>(p.kv.head_size, {})) {
      InjectCachedKernel<T, kPack><<<blocks, kThreads, 0, stream>>>(launch);
    } else {
      InjectCachedKernel<T, 1><<<blocks, kThreads, 0, stream>>>(launch);
    }
  });
  Check(cudaGetLastError(), "KvInject: launch of InjectCachedKernel");
}

}  // namespace cacheblend::cuda
