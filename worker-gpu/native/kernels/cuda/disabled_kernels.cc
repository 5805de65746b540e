#include "kernels/cuda/disabled_kernels.h"

#include <cstdlib>
#include <cstring>

namespace cacheblend::cuda {

bool IsDisabled(const char* name) {
  const char* disabled = std::getenv("CACHEBLEND_DISABLE_KERNELS");
  return disabled != nullptr && std::strstr(disabled, name) != nullptr;
}

}  // namespace cacheblend::cuda
