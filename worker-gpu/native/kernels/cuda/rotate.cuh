#pragma once

#include <initializer_list>

#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/kv_inject.h"

namespace cacheblend::cuda {

// Loads N cosines or sines through the read-only cache.
template <int N>
__device__ void LoadAngles(const float* from, float (&to)[N]) {
  if constexpr (N % 4 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 4) {
      const float4 four = __ldg(reinterpret_cast<const float4*>(from + i));
      to[i] = four.x;
      to[i + 1] = four.y;
      to[i + 2] = four.z;
      to[i + 3] = four.w;
    }
  } else {
#pragma unroll
    for (int i = 0; i < N; ++i) to[i] = __ldg(from + i);
  }
}

// Rotates N elements at `d` of both halves of a head.
template <typename T, int N>
__device__ void RotatePart(const T* head, int half, int d, const float* cos, const float* sin,
                           T* out) {
  const auto a = *reinterpret_cast<const Pack<T, N>*>(head + d);
  const auto b = *reinterpret_cast<const Pack<T, N>*>(head + half + d);
  float c[N], s[N];
  LoadAngles(cos + d, c);
  LoadAngles(sin + d, s);
  Pack<T, N> first, second;
#pragma unroll
  for (int i = 0; i < N; ++i) {
    const float x = ToFloat(a.at[i]), y = ToFloat(b.at[i]);
    first.at[i] = FromFloat<T>(x * c[i] - y * s[i]);
    second.at[i] = FromFloat<T>(y * c[i] + x * s[i]);
  }
  *reinterpret_cast<Pack<T, N>*>(out + d) = first;
  *reinterpret_cast<Pack<T, N>*>(out + half + d) = second;
}

template <typename T, int N>
__device__ void CopyPart(const T* from, T* to) {
  *reinterpret_cast<Pack<T, N>*>(to) = *reinterpret_cast<const Pack<T, N>*>(from);
}

// Whether sizes and addresses allow 16-byte accesses.
template <typename T>
bool CanPack(int head_size, std::initializer_list<Rows> rows) {
  constexpr int kPack = 16 / sizeof(T);
  if (head_size / 2 % kPack != 0) return false;
  for (const Rows& r : rows) {
    if (r.data != nullptr && (!IsAligned(r.data, 16) || r.stride % kPack != 0)) return false;
  }
  return true;
}

}  // namespace cacheblend::cuda
