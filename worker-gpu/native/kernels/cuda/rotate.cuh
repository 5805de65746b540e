#pragma once

#include <initializer_list>

#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/kv_inject.h"

namespace cacheblend::cuda {

// What nothing writes while the kernel runs: loads may be moved ahead of stores.
template <typename P>
__device__ P LoadConstant(const void* from) {
  P to;
  if constexpr (sizeof(P) == 16) {
    reinterpret_cast<uint4&>(to) = __ldg(static_cast<const uint4*>(from));
  } else {
    to = *static_cast<const P*>(from);
  }
  return to;
}

// N cosines or sines.
template <int N>
__device__ void LoadAngles(const float* from, float (&to)[N]) {
  constexpr int kPack = N % 4 == 0 ? 4 : 1;
#pragma unroll
  for (int i = 0; i < N; i += kPack) {
    const auto some = LoadConstant<Pack<float, kPack>>(from + i);
#pragma unroll
    for (int j = 0; j < kPack; ++j) to[i + j] = some.at[j];
  }
}

// The part of a head's rotation that starts at element `d` of both halves, N elements of each.
template <typename T, int N>
__device__ void RotatePart(const T* head, int half, int d, const float* cos, const float* sin,
                           T* out) {
  const auto a = LoadConstant<Pack<T, N>>(head + d);
  const auto b = LoadConstant<Pack<T, N>>(head + half + d);
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
  *reinterpret_cast<Pack<T, N>*>(to) = LoadConstant<Pack<T, N>>(from);
}

// 16 bytes at a time where sizes and addresses allow, else element by element.
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
