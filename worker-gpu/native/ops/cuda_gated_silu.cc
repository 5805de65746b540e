#include "ops/cuda_gated_silu.h"

#include "kernels/cuda/gated_silu.h"

namespace cacheblend {

OrtStatusPtr CudaGatedSilu::ComputeV2(OrtKernelContext* context) {
  return ToStatus("GatedSilu", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaGatedSilu::Compute(const Ort::KernelContext& context) const {
  const DeviceTensor in = DeviceInput(context, 0);
  if (in.shape.size() != 2 || in.shape[1] % 2 != 0) {
    throw std::invalid_argument("input: must have two dimensions, of which the second is even");
  }
  const int64_t rows = in.shape[0], size = in.shape[1] / 2;
  void* out = DeviceOutput(context, 0, {rows, size});
  cuda::GatedSilu({in.data, rows, size, type_, out}, StreamOf(context));
}

OrtStatusPtr CudaGatedSiluOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*,
                                             void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaGatedSilu(type_); });
}

}  // namespace cacheblend
