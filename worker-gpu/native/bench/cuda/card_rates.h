#pragma once

namespace cacheblend::cuda {

// TFLOP/s of an 8192 x 8192 x 8192 bf16 GEMM of random data through cuBLAS; 0 if libcublas cannot
// be loaded.
double GemmTeraflops();

// GB/s of a device-to-device copy, bytes read plus bytes written.
double CopyGigabytes();

}  // namespace cacheblend::cuda
