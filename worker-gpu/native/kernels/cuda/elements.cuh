#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <stdexcept>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// N elements that are loaded and stored by one instruction.
template <typename T, int N>
struct alignas(sizeof(T) * N) Pack {
  T at[N];
};

inline __device__ float ToFloat(float x) { return x; }
inline __device__ float ToFloat(__half x) { return __half2float(x); }
inline __device__ float ToFloat(__nv_bfloat16 x) { return __bfloat162float(x); }

template <typename T>
__device__ T FromFloat(float x);
template <>
inline __device__ float FromFloat<float>(float x) {
  return x;
}
template <>
inline __device__ __half FromFloat<__half>(float x) {
  return __float2half_rn(x);
}
template <>
inline __device__ __nv_bfloat16 FromFloat<__nv_bfloat16>(float x) {
  return __float2bfloat16_rn(x);
}

// Calls body(T{}) for the C++ type of an element type.
template <typename Body>
void ForType(ElementType type, const Body& body) {
  switch (type) {
    case ElementType::kFloat32:
      return body(float{});
    case ElementType::kFloat16:
      return body(__half{});
    case ElementType::kBFloat16:
      return body(__nv_bfloat16{});
  }
  throw std::invalid_argument("unknown element type");
}

// ForType, limited to 16-bit types.
template <typename Body>
void For16BitType(ElementType type, const Body& body) {
  if (type == ElementType::kFloat16) return body(__half{});
  if (type == ElementType::kBFloat16) return body(__nv_bfloat16{});
  throw std::invalid_argument("element type must be fp16 or bf16");
}

inline bool IsAligned(const void* pointer, int64_t byte_count) {
  return reinterpret_cast<uintptr_t>(pointer) % byte_count == 0;
}

}  // namespace cacheblend::cuda
