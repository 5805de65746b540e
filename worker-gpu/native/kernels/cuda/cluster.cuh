#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/check.h"

// Clusters of thread blocks, which run at the same time and read each other's shared memory.
// Compute capability 9.0 and later.
namespace cacheblend::cuda {

// Waits until all threads of the cluster have called this or ended; their writes are visible.
__device__ inline void SyncCluster() {
  asm volatile("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
}

// Loads from the shared memory of a block of the cluster, at the address of the own variable.
__device__ inline float4 LoadOfBlock(uint32_t shared_address, int block) {
  float4 x;
  asm volatile(
      "{\n.reg .b32 remote;\n"
      "mapa.shared::cluster.u32 remote, %4, %5;\n"
      "ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [remote];\n}\n"
      : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w)
      : "r"(shared_address), "r"(block)
      : "memory");
  return x;
}

// Clusters of a kernel that the current device runs at the same time.
template <auto kKernel>
int ConcurrentClusters(int cluster_size, int threads, int shared_bytes) {
  cudaLaunchAttribute cluster = {};
  cluster.id = cudaLaunchAttributeClusterDimension;
  cluster.val.clusterDim = {static_cast<unsigned>(cluster_size), 1, 1};
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(cluster_size);
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared_bytes;
  config.attrs = &cluster;
  config.numAttrs = 1;
  int count = 0;
  Check(cudaOccupancyMaxActiveClusters(&count, reinterpret_cast<const void*>(kKernel), &config),
        "cudaOccupancyMaxActiveClusters");
  return count;
}

}  // namespace cacheblend::cuda
