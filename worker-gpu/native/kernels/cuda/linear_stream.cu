#include <algorithm>

#include "kernels/cuda/barrier.cuh"
#include "kernels/cuda/check.h"
#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/gate.cuh"
#include "kernels/cuda/linear.h"
#include "kernels/cuda/once_per_device.h"
#include "kernels/cuda/rms_norm.cuh"
#include "kernels/cuda/shared_address.cuh"

// Each warp computes columns of y one after another. It streams the weights through its own ring
// buffer in shared memory, so that the bytes in flight per multiprocessor, 64 KB, are not limited
// by registers. The rings are filled before the rows are available.
namespace cacheblend::cuda {

namespace {

constexpr int kWarps = 16, kThreads = 32 * kWarps, kMaxRows = 4;
constexpr int kStages = 2, kStageBytes = 2048;
constexpr int kRingBytes = kWarps * kStages * kStageBytes;
// Exactly two thread blocks fit on a multiprocessor of 228 KB: one of this kernel and one of the
// next. With room for more, some multiprocessors would get two blocks of the next kernel and others
// none.
constexpr int kSharedBytes = 100 << 10;
constexpr int64_t kMaxRowBytes = kSharedBytes - kRingBytes;
constexpr int kStaticBytes = kWarps * (kStages * sizeof(uint64_t) + sizeof(float));

constexpr int kPack = 8;  // 16-bit elements per load of a lane
template <typename T>
using Elements = Pack<T, kPack>;

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900  // bulk copies exist from 9.0 on

// Position in a warp's sequence of weight chunks: chunks of a weight row, then the next row.
struct Cursor {
  int64_t item;
  int chunk = 0, stage = 0;
  uint32_t parity = 0;

  __device__ void Advance(int chunks, int64_t stride) {
    if (++chunk == chunks) {
      chunk = 0;
      item += stride;
    }
    if (++stage == kStages) {
      stage = 0;
      parity ^= 1;
    }
  }
};

// A warp's ring buffer. An item is one weight row, or the pair of gate and up rows.
template <typename T, bool kGated>
struct Ring {
  static constexpr int kStreams = kGated ? 2 : 1;
  static constexpr int kChunkBytes = kStageBytes / kStreams;
  static constexpr int kChunkPacks = kChunkBytes / 16;

  const Elements<T>* stages;  // [kStages][kStreams][kChunkPacks]
  uint64_t* barriers;         // [kStages]

  // Called by one lane.
  __device__ void Fetch(const LinearParams& p, const Cursor& at) const {
    const int64_t row_bytes = p.in_size * sizeof(T);
    const int64_t from = int64_t{at.chunk} * kChunkBytes;
    const int bytes = static_cast<int>(min(int64_t{kChunkBytes}, row_bytes - from));
    const uint32_t barrier = SharedAddress(barriers + at.stage);
    ArriveExpecting(barrier, bytes * kStreams);
#pragma unroll
    for (int s = 0; s < kStreams; ++s) {
      const int64_t row = at.item + s * p.out_size;
      CopyBulk(SharedAddress(stages + (at.stage * kStreams + s) * kChunkPacks),
               static_cast<const char*>(p.weight) + row * row_bytes + from, bytes, barrier);
    }
  }
};

template <typename T>
__device__ float ElementAt(const void* tensor, int64_t index) {
  return ToFloat(static_cast<const T*>(tensor)[index]);
}

// Writes one element of y from the sums of its weight rows.
template <typename T, bool kGated>
__device__ void Finish(const LinearParams& p, int row, int64_t item, float first, float second) {
  if (p.bias != nullptr) first += ElementAt<T>(p.bias, item);
  if (kGated) {
    if (p.bias != nullptr) second += ElementAt<T>(p.bias, p.out_size + item);
    first = Activated(p.gate, first) * second;
  }
  const int64_t at = row * p.out_size + item;
  if (p.residual != nullptr) first += ElementAt<T>(p.residual, at);
  static_cast<T*>(p.y)[at] = FromFloat<T>(first);
}

// Accumulates the products of a chunk with each row.
template <typename T, int kRows, int kStreams>
__device__ void Multiply(const Elements<T>* weights, int chunk_packs, const Elements<T>* rows,
                         int row_packs, int packs, float (&sums)[kRows][kStreams]) {
#pragma unroll
  for (int first = 0; first < chunk_packs; first += 32) {
    const int at = first + static_cast<int>(threadIdx.x % 32);
    if (at >= packs) break;
    Elements<T> w[kStreams];
#pragma unroll
    for (int s = 0; s < kStreams; ++s) w[s] = weights[s * chunk_packs + at];
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      const Elements<T> x = rows[r * row_packs + at];
#pragma unroll
      for (int j = 0; j < kPack; ++j) {
#pragma unroll
        for (int s = 0; s < kStreams; ++s) sums[r][s] += ToFloat(x.at[j]) * ToFloat(w[s].at[j]);
      }
    }
  }
}

#endif

template <typename T, int kRows, bool kGated>
__global__ void __launch_bounds__(kThreads) StreamKernel(const __grid_constant__ LinearParams p) {
#if __CUDA_ARCH__ >= 900
  using R = Ring<T, kGated>;
  extern __shared__ __align__(128) unsigned char shared[];
  __shared__ uint64_t barriers[kWarps][kStages];
  __shared__ float norm_sums[kWarps];
  auto* rows = reinterpret_cast<Elements<T>*>(shared + kRingBytes);  // [kRows][row_packs]
  const int row_packs = static_cast<int>(p.in_size / kPack);
  const int chunks = (row_packs + R::kChunkPacks - 1) / R::kChunkPacks;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t stride = int64_t{gridDim.x} * kWarps;
  const R ring{reinterpret_cast<const Elements<T>*>(shared + warp * kStages * kStageBytes),
               barriers[warp]};

  LaunchDependents();
  Cursor fetched{int64_t{blockIdx.x} * kWarps + warp}, used = fetched;
  if (lane == 0) {
    for (int stage = 0; stage < kStages; ++stage) {
      InitBarrier(SharedAddress(barriers[warp] + stage), 1);
    }
    FenceBarrierInit();
    for (int stage = 0; stage < kStages && fetched.item < p.out_size; ++stage) {
      ring.Fetch(p, fetched);
      fetched.Advance(chunks, stride);
    }
  }
  __syncwarp();
  AwaitPrimary();
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const auto* from = static_cast<const T*>(p.x) + r * p.in_size;
    auto* to = rows + r * row_packs;
    if (p.norm_weight != nullptr) {
      NormRow<T, kPack, kThreads>(from, static_cast<const T*>(p.norm_weight), p.norm_offset,
                                  p.in_size, p.epsilon, norm_sums, reinterpret_cast<T*>(to));
    } else {
      for (int i = threadIdx.x; i < row_packs; i += kThreads) {
        to[i] = reinterpret_cast<const Elements<T>*>(from)[i];
      }
    }
  }
  __syncthreads();

  float sums[kRows][R::kStreams] = {};
  while (used.item < p.out_size) {
    const int first = used.chunk * R::kChunkPacks;
    AwaitPhase(SharedAddress(ring.barriers + used.stage), used.parity);
    Multiply<T, kRows, R::kStreams>(ring.stages + used.stage * (R::kStreams * R::kChunkPacks),
                                    R::kChunkPacks, rows + first, row_packs, row_packs - first,
                                    sums);
    __syncwarp();  // all lanes have read the stage
    if (lane == 0 && fetched.item < p.out_size) {
      ring.Fetch(p, fetched);
      fetched.Advance(chunks, stride);
    }
    if (used.chunk == chunks - 1) {
#pragma unroll
      for (int r = 0; r < kRows; ++r) {
#pragma unroll
        for (int s = 0; s < R::kStreams; ++s) sums[r][s] = WarpSum(sums[r][s]);
        if (lane == r) Finish<T, kGated>(p, r, used.item, sums[r][0], sums[r][R::kStreams - 1]);
#pragma unroll
        for (int s = 0; s < R::kStreams; ++s) sums[r][s] = 0;
      }
    }
    used.Advance(chunks, stride);
  }
#endif
}

template <typename T, int kRows, bool kGated>
void Launch(const LinearParams& p, cudaStream_t stream) {
  constexpr auto kKernel = StreamKernel<T, kRows, kGated>;
  AllowSharedMemory<kKernel>(kSharedBytes);
  const int64_t blocks = std::min<int64_t>((p.out_size + kWarps - 1) / kWarps, Multiprocessors());
  LaunchEarly<kKernel>(dim3(static_cast<unsigned>(blocks)), kThreads, kSharedBytes, stream, p,
                       "Linear: launch of StreamKernel");
}

template <typename T, int kRows>
void LaunchRows(const LinearParams& p, cudaStream_t stream) {
  if (p.gated) {
    Launch<T, kRows, true>(p, stream);
  } else {
    Launch<T, kRows, false>(p, stream);
  }
}

template <typename T>
void LaunchType(const LinearParams& p, cudaStream_t stream) {
  switch (p.num_rows) {
    case 1:
      return LaunchRows<T, 1>(p, stream);
    case 2:
      return LaunchRows<T, 2>(p, stream);
    case 3:
      return LaunchRows<T, 3>(p, stream);
    default:
      return LaunchRows<T, kMaxRows>(p, stream);
  }
}

}  // namespace

bool CanStream(const LinearParams& p) {
  return p.num_rows >= 1 && p.num_rows <= kMaxRows && p.in_size % kPack == 0 &&
         p.num_rows * p.in_size * ElementBytes(p.type) <= kMaxRowBytes && IsAligned(p.x, 16) &&
         IsAligned(p.weight, 16) && IsAligned(p.norm_weight, 16) &&
         CanLaunchEarly<StreamKernel<__nv_bfloat16, 1, false>>() &&
         DeviceAttribute(cudaDevAttrMaxSharedMemoryPerBlockOptin) >= kSharedBytes + kStaticBytes;
}

void StreamLinear(const LinearParams& p, cudaStream_t stream) {
  For16BitType(p.type, [&](auto element) { LaunchType<decltype(element)>(p, stream); });
}

}  // namespace cacheblend::cuda
