#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cmath>

#include "kernels/cuda/check.h"
#include "kernels/cuda/partial_attention.h"

namespace cacheblend::cuda {
namespace {

constexpr int kThreads = 128;

__device__ float ToFloat(float x) { return x; }
__device__ float ToFloat(__half x) { return __half2float(x); }
__device__ float ToFloat(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ void Store(float x, float* out) { *out = x; }
__device__ void Store(float x, __half* out) { *out = __float2half(x); }
__device__ void Store(float x, __nv_bfloat16* out) { *out = __float2bfloat16(x); }

__device__ int SequenceOf(const PartialAttentionParams& params, int64_t row) {
  int sequence = 0;
  while (params.row_offsets[sequence + 1] <= row) ++sequence;
  return sequence;
}

// Offset in keys and values of a position's elements under one KV head.
__device__ int64_t KvOffset(const PartialAttentionParams& params, int sequence, int kv_head,
                            int64_t position) {
  const int64_t block = params.tables.of[sequence][position / kBlockTokens];
  const int64_t slot = position % kBlockTokens;
  return block * params.kv.block_stride + (kv_head * kBlockTokens + slot) * params.kv.head_size;
}

// One thread block: one row, one head. kThreads keys at a time, a thread scores one key; then a
// thread sums up one element of the output (or two, of heads larger than kThreads).
template <typename T>
__global__ void AttendHead(const __grid_constant__ PartialAttentionParams params) {
  extern __shared__ float query[];  // [head_size]
  __shared__ float weights[kThreads];
  __shared__ int64_t offsets[kThreads];
  const int64_t row = blockIdx.x;
  const int head = blockIdx.y;
  const int size = params.kv.head_size;
  const int kv_head = head / (params.num_heads / params.kv.num_kv_heads);
  const int sequence = SequenceOf(params, row);
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
      const int64_t offset = KvOffset(params, sequence, kv_head, start + threadIdx.x);
      float dot = 0;
      for (int d = 0; d < size; ++d) dot += query[d] * ToFloat(keys[offset + d]);
      weights[threadIdx.x] = dot * params.scale;
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
    if (d < size) Store(out[part] / sum, static_cast<T*>(params.out) + column + d);
  }
}

template <typename T>
void Launch(const PartialAttentionParams& params, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(params.num_rows), params.num_heads);
  AttendHead<T><<<grid, kThreads, params.kv.head_size * sizeof(float), stream>>>(params);
}

}  // namespace

void PartialAttentionReference(const PartialAttentionParams& params, cudaStream_t stream) {
  if (params.num_rows == 0) return;
  switch (params.kv.type) {
    case ElementType::kFloat32:
      Launch<float>(params, stream);
      break;
    case ElementType::kFloat16:
      Launch<__half>(params, stream);
      break;
    case ElementType::kBFloat16:
      Launch<__nv_bfloat16>(params, stream);
      break;
  }
  Check(cudaGetLastError(), "launch of PartialAttentionReference");
}

}  // namespace cacheblend::cuda
