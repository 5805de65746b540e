#pragma once

namespace cacheblend::cuda {

// TFLOP/s of an 8192 x 8192 x 8192 bf16 matrix product through cuBLAS on random data; 0 where
// libcublas cannot be loaded.
double GemmTeraflops();

// GB/s of a copy inside the device's memory, bytes read plus bytes written.
double CopyGigabytes();

}  // namespace cacheblend::cuda
