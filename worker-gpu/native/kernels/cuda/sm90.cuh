#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/cuda/barrier.cuh"

// Named barriers, tensor copies and clusters of compute capability 9.0.
namespace cacheblend::cuda {

// Barriers by number: 0 is that of __syncthreads.
__device__ inline void SyncNamed(int number, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(number), "r"(threads) : "memory");
}
__device__ inline void ArriveNamed(int number, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(number), "r"(threads) : "memory");
}

// Makes ordinary stores to shared memory visible to tensor cores and the copy engine.
__device__ inline void FenceSharedStores() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

__device__ inline void PrefetchMap(const CUtensorMap* map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}

// Copies the box of a tensor that starts at (x, y, z); zeros where it leaves the tensor.
__device__ inline void CopyBox(uint32_t to, const CUtensorMap* map, int x, int y, int z,
                               uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3, %4}], [%5];" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(z), "r"(barrier)
      : "memory");
}

__device__ inline void CopyBox(uint32_t to, const CUtensorMap* map, int x, int y,
                               uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3}], [%4];" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(barrier)
      : "memory");
}

// To the same place in each thread block of the cluster whose bit is set, and counted at the
// barrier that each has in the same place.
__device__ inline void CopyBoxToAll(uint32_t to, const CUtensorMap* map, int x, int y,
                                    uint32_t barrier, uint16_t thread_blocks) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes."
      "multicast::cluster [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(barrier), "h"(thread_blocks)
      : "memory");
}

__device__ inline int ClusterRank() {
  uint32_t rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return static_cast<int>(rank);
}
// All threads of the cluster.
__device__ inline void SyncCluster() {
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// The same place in the shared memory of another thread block of the cluster.
__device__ inline uint32_t AddressIn(int rank, uint32_t shared_address) {
  uint32_t address;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;"
               : "=r"(address)
               : "r"(shared_address), "r"(rank));
  return address;
}

// Orders nothing but what the barrier itself counts.
__device__ inline void ArriveIn(int rank, uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cluster.b64 _, [%0];" ::"r"(AddressIn(rank, barrier))
               : "memory");
}

// From shared memory; nothing of a box that leaves the tensor is written.
__device__ inline void StoreBox(const CUtensorMap* map, int x, int y, uint32_t from) {
  asm volatile(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%1, %2}], [%3];" ::"l"(map),
      "r"(x), "r"(y), "r"(from)
      : "memory");
}
__device__ inline void CommitStores() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
// Until the thread's stores have read shared memory.
__device__ inline void AwaitStoresRead() {
  asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
}
// Until they are done.
__device__ inline void AwaitStores() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }

template <int kRegisters>
__device__ void KeepRegisters() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
template <int kRegisters>
__device__ void TakeRegisters() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

}  // namespace cacheblend::cuda
