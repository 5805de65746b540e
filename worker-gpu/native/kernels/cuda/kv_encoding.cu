#include <cuda_fp8.h>

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include "kernels/cuda/check.h"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/kv_encoding.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 256, kWarp = 32, kMaxHeadSize = 256;
constexpr uint32_t kInfinityBits = 0x7f800000, kNanBits = 0x7fc00000;
constexpr float kSmallestNormal = 1.17549435e-38f;

template <KvEncoding kEncoding>
__device__ uint8_t Code(float x) {
  constexpr float kBound = kEncodingBound<kEncoding>;
  if constexpr (kEncoding == KvEncoding::kFp8) {
    return __nv_cvt_float_to_fp8(fminf(fmaxf(x, -kBound), kBound), __NV_SATFINITE, __NV_E4M3);
  } else {
    return static_cast<uint8_t>(__float2int_rn(fminf(fmaxf(x, -kBound), kBound)));
  }
}

template <KvEncoding kEncoding>
__device__ float Number(uint8_t code) {
  if constexpr (kEncoding == KvEncoding::kFp8) {
    return __half2float(__half(__nv_cvt_fp8_to_halfraw(code, __NV_E4M3)));
  } else {
    return static_cast<float>(static_cast<int8_t>(code));
  }
}

// One warp per head.
template <typename T, KvEncoding kEncoding>
__global__ void __launch_bounds__(kThreads)
    EncodeKernel(const __grid_constant__ EncodeHeadsParams p) {
  const int64_t head = (int64_t{blockIdx.x} * kThreads + threadIdx.x) / kWarp;
  if (head >= p.head_count) return;
  const int lane = threadIdx.x % kWarp;
  const T* from = static_cast<const T*>(p.heads) + head * p.head_size;
  uint8_t* codes = p.to.codes + head * p.head_size;
  float x[kMaxHeadSize / kWarp];
  uint32_t largest = 0;
#pragma unroll
  for (int i = 0; i < kMaxHeadSize / kWarp; ++i) {
    const int at = i * kWarp + lane;
    x[i] = at < p.head_size ? ToFloat(from[at]) : 0;
    largest = max(largest, __float_as_uint(x[i]) & 0x7fffffff);
  }
  for (int other = kWarp / 2; other > 0; other /= 2) {
    largest = max(largest, __shfl_xor_sync(0xffffffff, largest, other));
  }
  constexpr float kBound = kEncodingBound<kEncoding>;
  const float quotient = __fdiv_rn(__uint_as_float(largest), kBound);
  const bool encodes = largest < kInfinityBits && quotient >= kSmallestNormal;
  if (lane == 0) {
    p.to.scales[head] = largest >= kInfinityBits ? __uint_as_float(kNanBits)
                        : encodes                ? quotient
                                                 : 0;
  }
#pragma unroll
  for (int i = 0; i < kMaxHeadSize / kWarp; ++i) {
    const int at = i * kWarp + lane;
    if (at < p.head_size) codes[at] = encodes ? Code<kEncoding>(__fdiv_rn(x[i], quotient)) : 0;
  }
}

// Each thread decodes N numbers of a head; blockIdx.y is the run.
template <typename T, int N, KvEncoding kEncoding>
__global__ void __launch_bounds__(kThreads)
    DecodeKernel(const __grid_constant__ DecodeHeadsParams p) {
  const DecodeHeadsParams::Run& run = p.runs[blockIdx.y];
  const int per_head = p.head_size / N, heads = kThreads / per_head;
  const int64_t head = int64_t{blockIdx.x} * heads + threadIdx.x / per_head;
  if (threadIdx.x >= heads * per_head || head >= run.head_count) return;
  const int64_t at = head * per_head + threadIdx.x % per_head;
  const Pack<uint8_t, N> codes = reinterpret_cast<const Pack<uint8_t, N>*>(run.from.codes)[at];
  const float scale = run.from.scales[head];
  Pack<T, N> numbers;
#pragma unroll
  for (int i = 0; i < N; ++i) {
    numbers.at[i] = FromFloat<T>(__fmul_rn(Number<kEncoding>(codes.at[i]), scale));
  }
  static_cast<Pack<T, N>*>(run.heads)[at] = numbers;
}

template <typename Body>
void ForEncoding(KvEncoding encoding, const Body& body) {
  if (encoding == KvEncoding::kFp8) {
    return body(std::integral_constant<KvEncoding, KvEncoding::kFp8>{});
  }
  if (encoding == KvEncoding::kInt8) {
    return body(std::integral_constant<KvEncoding, KvEncoding::kInt8>{});
  }
  throw std::invalid_argument("native heads have no codes");
}

void CheckHeadSize(int head_size) {
  if (head_size < 1 || head_size > kMaxHeadSize) {
    throw std::invalid_argument("heads of codes must have 1 to 256 numbers");
  }
}

template <typename T, int N, KvEncoding kEncoding>
void LaunchDecode(const DecodeHeadsParams& p, cudaStream_t stream) {
  int64_t most = 0;
  for (int i = 0; i < p.run_count; ++i) most = std::max(most, p.runs[i].head_count);
  const int heads = kThreads / (p.head_size / N);
  const dim3 grid(static_cast<unsigned>((most + heads - 1) / heads), p.run_count);
  DecodeKernel<T, N, kEncoding><<<grid, kThreads, 0, stream>>>(p);
}

bool IsPacked(const DecodeHeadsParams& p, int64_t pack, int64_t element_bytes) {
  if (p.head_size % pack != 0) return false;
  return std::all_of(p.runs, p.runs + p.run_count, [&](const DecodeHeadsParams::Run& run) {
    return IsAligned(run.from.codes, pack) && IsAligned(run.heads, pack * element_bytes);
  });
}

}  // namespace

void EncodeHeads(const EncodeHeadsParams& p, cudaStream_t stream) {
  CheckHeadSize(p.head_size);
  if (p.head_count == 0) return;
  constexpr int kHeads = kThreads / kWarp;
  const auto grid = static_cast<unsigned>((p.head_count + kHeads - 1) / kHeads);
  ForType(p.type, [&](auto element) {
    ForEncoding(p.encoding, [&](auto encoding) {
      EncodeKernel<decltype(element), encoding.value><<<grid, kThreads, 0, stream>>>(p);
    });
  });
  Check(cudaGetLastError(), "EncodeHeads: kernel launch");
}

void DecodeHeads(const DecodeHeadsParams& p, cudaStream_t stream) {
  CheckHeadSize(p.head_size);
  if (p.run_count == 0) return;
  constexpr int kPack = 4;
  ForType(p.type, [&](auto element) {
    using T = decltype(element);
    ForEncoding(p.encoding, [&](auto encoding) {
      if (IsPacked(p, kPack, sizeof(T))) {
        LaunchDecode<T, kPack, encoding.value>(p, stream);
      } else {
        LaunchDecode<T, 1, encoding.value>(p, stream);
      }
    });
  });
  Check(cudaGetLastError(), "DecodeHeads: kernel launch");
}

}  // namespace cacheblend::cuda
