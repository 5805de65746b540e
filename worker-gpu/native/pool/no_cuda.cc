// Replaces cuda/cuda_device.cu in a build without CUDA.

#include <stdexcept>

#include "pool/device.h"

namespace cacheblend {

std::shared_ptr<const Device> OpenCudaDevice(int) {
  throw std::invalid_argument(
      "the native library was built without CUDA; build it where nvcc is installed, or use the "
      "CPU");
}

bool HasCudaKernels() { return false; }

}  // namespace cacheblend
