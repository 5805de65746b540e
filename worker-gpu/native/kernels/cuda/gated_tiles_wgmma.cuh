#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <type_traits>

#include "kernels/cuda/wgmma.cuh"

// The products of gated tiles.
namespace cacheblend::cuda {

// Numbers of registers, and the registers, 16 at a time.
#define CACHEBLEND_NAMES_0 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15"
#define CACHEBLEND_NAMES_16 \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define CACHEBLEND_NAMES_32 \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47"
#define CACHEBLEND_NAMES_48 \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define CACHEBLEND_NAMES_64 \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79"
#define CACHEBLEND_NAMES_80 \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
#define CACHEBLEND_NAMES_96 \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111"
#define CACHEBLEND_NAMES_112 \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
#define CACHEBLEND_FOUR(i) "+f"(sum[i]), "+f"(sum[i + 1]), "+f"(sum[i + 2]), "+f"(sum[i + 3])
#define CACHEBLEND_SUMS(i) \
  CACHEBLEND_FOUR(i), CACHEBLEND_FOUR(i + 4), CACHEBLEND_FOUR(i + 8), CACHEBLEND_FOUR(i + 12)
#define CACHEBLEND_MULTIPLY(SHAPE, TYPES, NAMES, A, B, ADD, ...)                                  \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" ADD                                           \
               ", 0;\n"                                                                           \
               "wgmma.mma_async.sync.aligned." SHAPE "k16.f32." TYPES " {" NAMES "}, %" A ", %" B \
               ", p, 1, 1, 0, 0;\n}\n"                                                            \
               : __VA_ARGS__                                                                      \
               : "l"(a), "l"(b), "r"(static_cast<int>(add)))
#define CACHEBLEND_MULTIPLY_TYPE(SHAPE, NAMES, A, B, ADD, ...)              \
  if constexpr (std::is_same_v<T, __half>) {                                \
    CACHEBLEND_MULTIPLY(SHAPE, "f16.f16", NAMES, A, B, ADD, __VA_ARGS__);   \
  } else {                                                                  \
    CACHEBLEND_MULTIPLY(SHAPE, "bf16.bf16", NAMES, A, B, ADD, __VA_ARGS__); \
  }

// sum [64, N] (+)= a [64, 16] . b [N, 16]^T, both in shared memory; N is 224 or 256.
template <typename T>
__device__ void MultiplyRows(float (&sum)[112], uint64_t a, uint64_t b, bool add) {
  CACHEBLEND_MULTIPLY_TYPE(
      "m64n224",
      CACHEBLEND_NAMES_0 ", " CACHEBLEND_NAMES_16 ", " CACHEBLEND_NAMES_32 ", " CACHEBLEND_NAMES_48
                         ", " CACHEBLEND_NAMES_64 ", " CACHEBLEND_NAMES_80 ", " CACHEBLEND_NAMES_96,
      "112", "113", "114", CACHEBLEND_SUMS(0), CACHEBLEND_SUMS(16), CACHEBLEND_SUMS(32),
      CACHEBLEND_SUMS(48), CACHEBLEND_SUMS(64), CACHEBLEND_SUMS(80), CACHEBLEND_SUMS(96))
}

template <typename T>
__device__ void MultiplyRows(float (&sum)[128], uint64_t a, uint64_t b, bool add) {
  CACHEBLEND_MULTIPLY_TYPE("m64n256",
                           CACHEBLEND_NAMES_0 ", " CACHEBLEND_NAMES_16 ", " CACHEBLEND_NAMES_32
                                              ", " CACHEBLEND_NAMES_48 ", " CACHEBLEND_NAMES_64
                                              ", " CACHEBLEND_NAMES_80 ", " CACHEBLEND_NAMES_96
                                              ", " CACHEBLEND_NAMES_112,
                           "128", "129", "130", CACHEBLEND_SUMS(0), CACHEBLEND_SUMS(16),
                           CACHEBLEND_SUMS(32), CACHEBLEND_SUMS(48), CACHEBLEND_SUMS(64),
                           CACHEBLEND_SUMS(80), CACHEBLEND_SUMS(96), CACHEBLEND_SUMS(112))
}

#undef CACHEBLEND_NAMES_0
#undef CACHEBLEND_NAMES_16
#undef CACHEBLEND_NAMES_32
#undef CACHEBLEND_NAMES_48
#undef CACHEBLEND_NAMES_64
#undef CACHEBLEND_NAMES_80
#undef CACHEBLEND_NAMES_96
#undef CACHEBLEND_NAMES_112
#undef CACHEBLEND_FOUR
#undef CACHEBLEND_SUMS
#undef CACHEBLEND_MULTIPLY
#undef CACHEBLEND_MULTIPLY_TYPE

}  // namespace cacheblend::cuda
