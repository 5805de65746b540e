#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/cuda/barrier.cuh"

// Named barriers and TMA copies of compute capability 9.0.
namespace cacheblend::cuda {

// Named barriers. Number 0 belongs to __syncthreads.
__device__ inline void SyncNamed(int number, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(number), "r"(threads) : "memory");
}
__device__ inline void ArriveNamed(int number, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(number), "r"(threads) : "memory");
}

// Makes generic stores to shared memory visible to wgmma and TMA.
__device__ inline void FenceSharedStores() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

__device__ inline void PrefetchMap(const CUtensorMap* map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}

// Copies the box of a tensor at these coordinates. Out-of-bounds elements are zero.
__device__ inline void CopyBox(uint32_t to, const CUtensorMap* map, int x, int y, int z,
                               uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3, %4}], [%5];" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(z), "r"(barrier)
      : "memory");
}

template <int kRegisters>
__device__ void KeepRegisters() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
template <int kRegisters>
__device__ void TakeRegisters() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

}  // namespace cacheblend::cuda
