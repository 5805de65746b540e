#pragma once

#include <cstdint>

// Warpgroup matrix instructions of compute capability 9.0a: 128 threads multiply 64 rows.
//
// Matrices in shared memory lie in panels of 64 columns: rows of 128 bytes whose 16-byte pieces are
// swizzled as the copy engine does it (piece i of row r at i ^ (r % 8)); panels are 1024-byte
// aligned.
namespace cacheblend::cuda {

inline constexpr int kPanelColumns = 64;
inline constexpr int kPanelRowBytes = 128;

// Names a matrix to the instruction. `panel_bytes`: from a panel to the next, where the instruction
// reads rows (of 8 at a time) across panels.
__device__ inline uint64_t MatrixDescriptor(uint32_t shared_address, int panel_bytes) {
  constexpr uint64_t kSwizzle128 = 1, kEightRows = 8 * kPanelRowBytes;
  return (shared_address & 0x3ffff) >> 4 | static_cast<uint64_t>(panel_bytes >> 4) << 16 |
         (kEightRows >> 4) << 32 | kSwizzle128 << 62;
}

// Before the first multiplication, and after registers that one reads were written.
__device__ inline void FenceRegisters() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void CommitMultiplications() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
template <int kPending>
__device__ void AwaitMultiplications() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}

// Keeps the compiler from moving uses of registers across a wait.
template <int kCount>
__device__ void Pin(float (&registers)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) asm volatile("" : "+f"(registers[i])::"memory");
}

}  // namespace cacheblend::cuda
