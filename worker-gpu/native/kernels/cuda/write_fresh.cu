#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/kv_parts.cuh"
#include "kernels/cuda/rotate.cuh"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 128;

struct WriteLaunch {
  WriteFreshParams params;
  PerSequence<BlockTable> block_tables;
  PerSequence<Capture> captures;
};

// Keys and values of one row.
template <typename T, int N>
__device__ void WriteRow(const WriteLaunch& launch, int64_t row) {
  const WriteFreshParams& p = launch.params;
  const int head_size = p.kv.head_size, half = head_size / 2;
  const int64_t position = p.positions[row];
  const int sequence = WarpSequenceOf(p.row_offsets, p.num_sequences, row);
  const BlockTable block_table = launch.block_tables[sequence];
  const Capture capture = p.captures != nullptr ? launch.captures[sequence] : Capture{};
  const bool captured = position >= capture.first && position < capture.end;
  const int64_t row_size = int64_t{p.kv.num_kv_heads} * head_size;
  const auto captured_row = [&](bool values) {
    const int64_t tokens = capture.end - capture.first;
    return static_cast<T*>(capture.chunk) +
           ((2 * int64_t{p.layer} + values) * tokens + (position - capture.first)) * row_size;
  };
  const T* k = static_cast<const T*>(p.k.data) + row * p.k.stride;
  const T* v = static_cast<const T*>(p.v.data) + row * p.v.stride;

  const auto target = [&](void* data, int head) {
    return static_cast<T*>(data) + KvOffset(p.kv, block_table, position, head);
  };
  ForEachKvPart<N, kThreads>(
      p.kv,
      [&](int head, int d) {
        const int64_t column = int64_t{head} * head_size;
        RotatePart<T, N>(k + column, half, d, p.tables.cos + position * half,
                         p.tables.sin + position * half, target(p.kv.keys, head));
        if (!captured) return;
        T* chunk = captured_row(false) + column;
        CopyPart<T, N>(k + column + d, chunk + d);
        CopyPart<T, N>(k + column + half + d, chunk + half + d);
      },
      [&](int head, int d) {
        const int64_t column = int64_t{head} * head_size + d;
        CopyPart<T, N>(v + column, target(p.kv.values, head) + d);
        if (!captured) return;
        CopyPart<T, N>(v + column, captured_row(true) + column);
      });
}

template <typename T, int N>
__device__ void RotateQuery(const WriteFreshParams& p, int64_t index) {
  const int head_size = p.kv.head_size, half = head_size / 2;
  const int64_t row = p.query_rows == nullptr ? index : p.query_rows[index];
  const int64_t position = p.positions[row];
  const T* q = static_cast<const T*>(p.q.data) + index * p.q.stride;
  T* out = static_cast<T*>(p.q_out) + index * p.num_heads * head_size;
  for (int part = threadIdx.x; part < p.num_heads * (half / N); part += kThreads) {
    const int64_t column = int64_t{part / (half / N)} * head_size;
    RotatePart<T, N>(q + column, half, part % (half / N) * N, p.tables.cos + position * half,
                     p.tables.sin + position * half, out + column);
  }
}

// One thread block per row, then one per query.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    WriteFreshKernel(const __grid_constant__ WriteLaunch launch) {
  const WriteFreshParams& p = launch.params;
  LaunchDependents();
  AwaitPrimary();
  if (blockIdx.x < p.num_rows) {
    WriteRow<T, N>(launch, blockIdx.x);
  } else {
    RotateQuery<T, N>(p, blockIdx.x - p.num_rows);
  }
}

}  // namespace

void WriteFresh(const WriteFreshParams& p, StepTables& tables, cudaStream_t stream) {
  WriteLaunch launch = {p, tables.Pass(p.block_tables, p.num_sequences, stream), {}};
  if (p.captures != nullptr) launch.captures = tables.Pass(p.captures, p.num_sequences, stream);
  ForType(p.kv.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const auto blocks = static_cast<unsigned>(p.num_rows + p.num_query_rows);
    constexpr char kWhat[] = "KvInject: launch of WriteFreshKernel";
    if (CanPack<T>(p.kv.head_size, {p.q, p.k, p.v})) {
      LaunchEarly<WriteFreshKernel<T, kPack>>(dim3(blocks), kThreads, 0, stream, launch, kWhat);
    } else {
      LaunchEarly<WriteFreshKernel<T, 1>>(dim3(blocks), kThreads, 0, stream, launch, kWhat);
    }
  });
}

}  // namespace cacheblend::cuda
