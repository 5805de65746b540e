// In place of cuda_device.cu where the library is built without CUDA.

#include <stdexcept>

#include "pool/device.h"

namespace cacheblend {

std::shared_ptr<const Device> OpenCudaDevice(int) {
  throw std::invalid_argument("the native library was built without CUDA");
}

}  // namespace cacheblend
