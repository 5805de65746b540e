#include "ops/cuda_first_rows.h"

#include "kernels/cuda/check.h"

namespace cacheblend {

OrtStatusPtr CudaFirstRows::ComputeV2(OrtKernelContext* context) {
  return ToStatus("FirstRows", [&] {
    const Ort::KernelContext kernel(context);
    const FirstRows rows = FirstRows::From(kernel);
    if (rows.shared()) return;
    cuda::Check(cudaMemcpyAsync(rows.out, rows.table, rows.byte_count, cudaMemcpyDeviceToDevice,
                                StreamOf(kernel)),
                "cudaMemcpyAsync of rows");
  });
}

}  // namespace cacheblend
