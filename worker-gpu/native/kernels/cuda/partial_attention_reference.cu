#include <cmath>

#include "kernels/cuda/check.h"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/partial_attention.h"
#include "kernels/cuda/soft_cap.cuh"

namespace cacheblend::cuda {
namespace {

constexpr int kThreads = 128;

struct ReferenceLaunch {
  PartialAttentionParams params;
  PerSequence<BlockTable> block_tables;
};

// One thread block per row and head. For kThreads keys at a time, each thread scores one key, then
// accumulates one output element (two for heads larger than kThreads).
template <typename T>
__global__ void AttendHead(const __grid_constant__ ReferenceLaunch launch) {
  const PartialAttentionParams& params = launch.params;
  extern __shared__ float query[];  // [head_size]
  __shared__ float weights[kThreads];
  __shared__ int64_t offsets[kThreads];
  const int64_t row = blockIdx.x;
  const int head = blockIdx.y;
  const int size = params.kv.head_size;
  const int kv_head = head / (params.num_heads / params.kv.num_kv_heads);
  const int sequence = SequenceOf(params.row_offsets, params.num_sequences, row);
  const BlockTable block_table = launch.block_tables[sequence];
  const int64_t position = params.positions[row];
  const T* keys = static_cast<const T*>(params.kv.keys);
  const T* values = static_cast<const T*>(params.kv.values);
  const int64_t column = (row * params.num_heads + head) * size;
  for (int d = threadIdx.x; d < size; d += kThreads) {
    query[d] = ToFloat(static_cast<const T*>(params.q)[column + d]);
  }
  __syncthreads();

  float maximum = -INFINITY, sum = 0, out[2] = {0, 0};
  const int64_t first =
      params.window > 0 && position >= params.window ? position - params.window + 1 : 0;
  for (int64_t start = first; start <= position; start += kThreads) {
    const int count = static_cast<int>(min(int64_t{kThreads}, position + 1 - start));
    if (threadIdx.x < count) {
      const int64_t offset = KvOffset(params.kv, block_table, start + threadIdx.x, kv_head);
      float dot = 0;
      for (int d = 0; d < size; ++d) dot += query[d] * ToFloat(keys[offset + d]);
      weights[threadIdx.x] = SoftCapped(dot * params.scale, params.soft_cap);
      offsets[threadIdx.x] = offset;
    }
    __syncthreads();
    float next = maximum;
    for (int i = 0; i < count; ++i) next = fmaxf(next, weights[i]);
    const float shrink = expf(maximum - next);
    maximum = next;
    __syncthreads();
    if (threadIdx.x < count) weights[threadIdx.x] = expf(weights[threadIdx.x] - maximum);
    __syncthreads();
    sum *= shrink;
    for (int i = 0; i < count; ++i) sum += weights[i];
    for (int part = 0; part < 2; ++part) {
      const int d = threadIdx.x + part * kThreads;
      if (d >= size) break;
      out[part] *= shrink;
      for (int i = 0; i < count; ++i) out[part] += weights[i] * ToFloat(values[offsets[i] + d]);
    }
    __syncthreads();
  }
  for (int part = 0; part < 2; ++part) {
    const int d = threadIdx.x + part * kThreads;
    if (d < size) static_cast<T*>(params.out)[column + d] = FromFloat<T>(out[part] / sum);
  }
}

template <typename T>
void Launch(const PartialAttentionParams& params, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(params.num_rows), params.num_heads);
  const ReferenceLaunch launch = {
      params, params.tables->Pass(params.block_tables, params.num_sequences, stream)};
  AttendHead<T><<<grid, kThreads, params.kv.head_size * sizeof(float), stream>>>(launch);
}

}  // namespace

void PartialAttentionReference(const PartialAttentionParams& params, cudaStream_t stream) {
  if (params.num_rows == 0) return;
  ForType(params.kv.type, [&](auto element) { Launch<decltype(element)>(params, stream); });
  Check(cudaGetLastError(), "PartialAttentionReference: kernel launch");
}

}  // namespace cacheblend::cuda
