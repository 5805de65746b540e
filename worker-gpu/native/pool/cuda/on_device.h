#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/check.h"

namespace cacheblend {

// Makes a device current for the calling thread, and restores the previous one.
class OnDevice {
 public:
  explicit OnDevice(int ordinal) {
    cuda::Check(cudaGetDevice(&previous_), "cudaGetDevice");
    if (previous_ != ordinal) cuda::Check(cudaSetDevice(ordinal), "cudaSetDevice");
  }
  ~OnDevice() { cudaSetDevice(previous_); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

 private:
  int previous_ = 0;
};

}  // namespace cacheblend
