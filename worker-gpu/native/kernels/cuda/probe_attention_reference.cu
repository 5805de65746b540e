#include "kernels/cuda/check.h"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/probe_attention.cuh"
#include "kernels/cuda/soft_cap.cuh"

namespace cacheblend::cuda {
namespace {

constexpr int kThreads = 128;

template <typename T>
__device__ float ScoreOf(const ProbeAttentionParams& p, const T* q, const T* key) {
  float sum = 0;
  for (int d = 0; d < p.kv.head_size; ++d) sum += ToFloat(q[d]) * ToFloat(key[d]);
  return SoftCapped(sum * p.scale, p.soft_cap);
}

struct ReferenceLaunch {
  ProbeAttentionParams params;
  PerSequence<BlockTable> block_tables;
  PerSequence<Probe> probes;
};

template <typename T>
__device__ const T* KeyAt(const ProbeAttentionParams& p, BlockTable block_table, int64_t key,
                          int kv_head) {
  return static_cast<const T*>(p.kv.keys) + KvOffset(p.kv, block_table, key, kv_head);
}

// Maximum and weight / sum of one query row and head: statistics[query * num_heads + head]. Grid:
// query rows of a probe, heads, probes.
template <typename T>
__global__ void QueryStatistics(const __grid_constant__ ReferenceLaunch launch) {
  const ProbeAttentionParams& p = launch.params;
  __shared__ float shared[kThreads];
  const Probe probe = launch.probes[blockIdx.z];
  const BlockTable block_table = launch.block_tables[probe.sequence];
  const int query = blockIdx.x, head = blockIdx.y, size = p.kv.head_size;
  const int64_t first_row = FirstRow(p.row_offsets, probe);
  if (query >= probe.query_count || first_row < 0) return;
  const int kv_head = head / (p.num_heads / p.kv.num_kv_heads);
  const int64_t row = first_row + query;
  const T* q = static_cast<const T*>(p.q) + (row * p.num_heads + head) * size;
  const int first = FirstKey(p.window, p.positions[row]);
  float maximum = -INFINITY;
  for (int key = first + threadIdx.x; key < probe.key_end; key += kThreads) {
    maximum = fmaxf(maximum, ScoreOf(p, q, KeyAt<T>(p, block_table, key, kv_head)));
  }
  shared[threadIdx.x] = maximum;
  __syncthreads();
  for (int i = 0; i < kThreads; ++i) maximum = fmaxf(maximum, shared[i]);
  __syncthreads();
  float sum = 0;
  for (int key = first + threadIdx.x; key < probe.key_end; key += kThreads) {
    sum += expf(ScoreOf(p, q, KeyAt<T>(p, block_table, key, kv_head)) - maximum);
  }
  shared[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return;
  sum = 0;
  for (int i = 0; i < kThreads; ++i) sum += shared[i];
  auto* statistics = static_cast<float2*>(p.workspace);
  statistics[int64_t{probe.first_query + query} * p.num_heads + head] = {
      maximum, sum == 0 ? 0 : probe.weight / sum};
}

// One thread per key. Grid: keys, KV heads, probes.
template <typename T>
__global__ void AddMasses(const __grid_constant__ ReferenceLaunch launch) {
  const ProbeAttentionParams& p = launch.params;
  const Probe probe = launch.probes[blockIdx.z];
  const BlockTable block_table = launch.block_tables[probe.sequence];
  const int key = blockIdx.x * kThreads + threadIdx.x, kv_head = blockIdx.y;
  const int64_t first_row = FirstRow(p.row_offsets, probe);
  if (key >= probe.key_end || first_row < 0) return;
  const int size = p.kv.head_size, group = p.num_heads / p.kv.num_kv_heads;
  const T* k = KeyAt<T>(p, block_table, key, kv_head);
  const auto* statistics = static_cast<const float2*>(p.workspace);
  float mass = 0;
  for (int query = 0; query < probe.query_count; ++query) {
    const int64_t row = first_row + query;
    if (key < FirstKey(p.window, p.positions[row])) continue;
    for (int head = kv_head * group; head < (kv_head + 1) * group; ++head) {
      const T* q = static_cast<const T*>(p.q) + (row * p.num_heads + head) * size;
      const float2 at = statistics[int64_t{probe.first_query + query} * p.num_heads + head];
      mass += expf(ScoreOf(p, q, k) - at.x) * at.y;
    }
  }
  probe.mass[kv_head * probe.mass_stride + key] += mass;
}

}  // namespace

void ProbeAttentionReference(const ProbeAttentionParams& p, cudaStream_t stream) {
  if (MaxKeyEnd(p) == 0) return;
  const ReferenceLaunch launch = {p, p.tables->Pass(p.block_tables, p.num_sequences, stream),
                                  p.tables->Pass(p.probes, p.num_probes, stream)};
  ForType(p.kv.type, [&](auto element) {
    using T = decltype(element);
    const dim3 queries(MaxQueryCount(p), p.num_heads, p.num_probes);
    QueryStatistics<T><<<queries, kThreads, 0, stream>>>(launch);
    const dim3 keys((MaxKeyEnd(p) + kThreads - 1) / kThreads, p.kv.num_kv_heads, p.num_probes);
    AddMasses<T><<<keys, kThreads, 0, stream>>>(launch);
  });
  Check(cudaGetLastError(), "ProbeAttentionReference: kernel launch");
}

}  // namespace cacheblend::cuda
