#include "ops/cuda_greedy_token.h"

#include "kernels/cuda/greedy_token.h"

namespace cacheblend {

OrtStatusPtr CudaGreedyToken::ComputeV2(OrtKernelContext* context) {
  return ToStatus("GreedyToken", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaGreedyToken::Compute(const Ort::KernelContext& context) const {
  const DeviceTensor logits = DeviceInput(context, 0);
  ShapeTable table;
  table.Check("logits", logits.shape, {"S", Dim::AtLeast(1)});
  auto* out = Output<int64_t>(context, 0, {table["S"]});
  cuda::GreedyToken({logits.data, table["S"], logits.shape[1], type_, out}, StreamOf(context));
}

OrtStatusPtr CudaGreedyTokenOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*,
                                               void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaGreedyToken(type_); });
}

}  // namespace cacheblend
