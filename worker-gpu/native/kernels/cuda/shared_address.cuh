#pragma once

#include <cstdint>

namespace cacheblend::cuda {

// Address in the shared window, as shared-memory instructions expect it.
__device__ inline uint32_t SharedAddress(const void* shared) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(shared));
}

}  // namespace cacheblend::cuda
