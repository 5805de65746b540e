#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <type_traits>

// Warpgroup matrix instructions of compute capability 9.0a: 128 threads multiply 64 rows.
//
// Matrices in shared memory consist of 1024-byte aligned panels of 64 columns: rows of 128 bytes in
// the 128-byte swizzle of TMA (16-byte piece i of row r is at i ^ (r % 8)).
namespace cacheblend::cuda {

inline constexpr int kPanelColumns = 64;
inline constexpr int kPanelRowBytes = 128;

// Matrix descriptor of the instruction. `panel_bytes`: distance between panels, for instructions
// that read rows across panels.
__device__ inline uint64_t MatrixDescriptor(uint32_t shared_address, int panel_bytes) {
  constexpr uint64_t kSwizzle128 = 1, kEightRows = 8 * kPanelRowBytes;
  return (shared_address & 0x3ffff) >> 4 | static_cast<uint64_t>(panel_bytes >> 4) << 16 |
         (kEightRows >> 4) << 32 | kSwizzle128 << 62;
}

// Required before the first wgmma, and after writes to registers that a wgmma reads.
__device__ inline void FenceRegisters() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void CommitMultiplications() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
template <int kPending>
__device__ void AwaitMultiplications() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}

// Prevents the compiler from moving register accesses across a wait.
template <int kCount>
__device__ void Pin(float (&registers)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) asm volatile("" : "+f"(registers[i])::"memory");
}

// Operand lists of accumulators: outputs sum[i...], and registers %0...
#define CACHEBLEND_SUM_PART_4(i) "+f"(sum[i]), "+f"(sum[i + 1]), "+f"(sum[i + 2]), "+f"(sum[i + 3])
#define CACHEBLEND_SUM_PART_8(i) CACHEBLEND_SUM_PART_4(i), CACHEBLEND_SUM_PART_4(i + 4)
#define CACHEBLEND_SUM_PART_16(i) CACHEBLEND_SUM_PART_8(i), CACHEBLEND_SUM_PART_8(i + 8)
#define CACHEBLEND_SUM_4 CACHEBLEND_SUM_PART_4(0)
#define CACHEBLEND_SUM_8 CACHEBLEND_SUM_PART_8(0)
#define CACHEBLEND_SUM_16 CACHEBLEND_SUM_PART_16(0)
#define CACHEBLEND_SUM_20 CACHEBLEND_SUM_16, CACHEBLEND_SUM_PART_4(16)
#define CACHEBLEND_SUM_32 CACHEBLEND_SUM_16, CACHEBLEND_SUM_PART_16(16)
#define CACHEBLEND_SUM_48 CACHEBLEND_SUM_32, CACHEBLEND_SUM_PART_16(32)
#define CACHEBLEND_SUM_64 CACHEBLEND_SUM_48, CACHEBLEND_SUM_PART_16(48)
#define CACHEBLEND_REGISTERS_4 "%0, %1, %2, %3"
#define CACHEBLEND_REGISTERS_8 CACHEBLEND_REGISTERS_4 ", %4, %5, %6, %7"
#define CACHEBLEND_REGISTERS_16 \
  CACHEBLEND_REGISTERS_8        \
  ", %8, %9, %10, %11, %12, %13, %14, %15"
#define CACHEBLEND_REGISTERS_20 CACHEBLEND_REGISTERS_16 ", %16, %17, %18, %19"
#define CACHEBLEND_REGISTERS_32 \
  CACHEBLEND_REGISTERS_20       \
  ", %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define CACHEBLEND_REGISTERS_48 \
  CACHEBLEND_REGISTERS_32       \
  ", %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47"
#define CACHEBLEND_REGISTERS_64 \
  CACHEBLEND_REGISTERS_48       \
  ", %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"

// sum [64, N] (+)= a [64, 16] . b [N, 16]^T, both in shared memory, for COUNT = N / 2 sums per
// thread. A, B, ADD: registers of a, b and add.
#define CACHEBLEND_MULTIPLY(N, COUNT, A, B, ADD, TYPES)                                 \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, " ADD                                  \
               ", 0;\n"                                                                 \
               "wgmma.mma_async.sync.aligned.m64n" N "k16.f32." TYPES                   \
               " {" CACHEBLEND_REGISTERS_##COUNT "}, " A ", " B ", p, 1, 1, 0, 0;\n}\n" \
               : CACHEBLEND_SUM_##COUNT                                                 \
               : "l"(a), "l"(b), "r"(static_cast<int>(add)))
#define CACHEBLEND_MULTIPLY_SHARED(N, COUNT, A, B, ADD)                                  \
  template <typename T>                                                                  \
  __device__ void MultiplyShared(float(&sum)[COUNT], uint64_t a, uint64_t b, bool add) { \
    if constexpr (std::is_same_v<T, __half>) {                                           \
      CACHEBLEND_MULTIPLY(N, COUNT, A, B, ADD, "f16.f16");                               \
    } else {                                                                             \
      CACHEBLEND_MULTIPLY(N, COUNT, A, B, ADD, "bf16.bf16");                             \
    }                                                                                    \
  }

CACHEBLEND_MULTIPLY_SHARED("64", 32, "%32", "%33", "%34")
CACHEBLEND_MULTIPLY_SHARED("128", 64, "%64", "%65", "%66")

#undef CACHEBLEND_MULTIPLY_SHARED
#undef CACHEBLEND_MULTIPLY

// sum [64, N] (+)= a [64, 16] in registers . b [16, N] in shared memory, for COUNT = N / 2 sums per
// thread. A: registers of a. B, ADD: those of b and add.
#define CACHEBLEND_MULTIPLY(N, COUNT, A, B, ADD, TYPES)                                \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, " ADD                                 \
               ", 0;\n"                                                                \
               "wgmma.mma_async.sync.aligned.m64n" N "k16.f32." TYPES                  \
               " {" CACHEBLEND_REGISTERS_##COUNT "}, {" A "}, " B ", p, 1, 1, 1;\n}\n" \
               : CACHEBLEND_SUM_##COUNT                                                \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(static_cast<int>(add)))
#define CACHEBLEND_MULTIPLY_VALUES(N, COUNT, A, B, ADD)                                 \
  template <typename T>                                                                 \
  __device__ void MultiplyValues(float(&sum)[COUNT], const uint32_t(&a)[4], uint64_t b, \
                                 bool add) {                                            \
    if constexpr (std::is_same_v<T, __half>) {                                          \
      CACHEBLEND_MULTIPLY(N, COUNT, A, B, ADD, "f16.f16");                              \
    } else {                                                                            \
      CACHEBLEND_MULTIPLY(N, COUNT, A, B, ADD, "bf16.bf16");                            \
    }                                                                                   \
  }

CACHEBLEND_MULTIPLY_VALUES("64", 32, "%32, %33, %34, %35", "%36", "%37")
CACHEBLEND_MULTIPLY_VALUES("96", 48, "%48, %49, %50, %51", "%52", "%53")
CACHEBLEND_MULTIPLY_VALUES("128", 64, "%64, %65, %66, %67", "%68", "%69")

#undef CACHEBLEND_MULTIPLY_VALUES
#undef CACHEBLEND_MULTIPLY
#undef CACHEBLEND_REGISTERS_64
#undef CACHEBLEND_REGISTERS_48
#undef CACHEBLEND_REGISTERS_32
#undef CACHEBLEND_REGISTERS_20
#undef CACHEBLEND_REGISTERS_16
#undef CACHEBLEND_REGISTERS_8
#undef CACHEBLEND_REGISTERS_4
#undef CACHEBLEND_SUM_64
#undef CACHEBLEND_SUM_48
#undef CACHEBLEND_SUM_32
#undef CACHEBLEND_SUM_20
#undef CACHEBLEND_SUM_16
#undef CACHEBLEND_SUM_8
#undef CACHEBLEND_SUM_4
#undef CACHEBLEND_SUM_PART_16
#undef CACHEBLEND_SUM_PART_8
#undef CACHEBLEND_SUM_PART_4

}  // namespace cacheblend::cuda
