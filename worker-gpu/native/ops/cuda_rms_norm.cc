#include "ops/cuda_rms_norm.h"

#include "kernels/cuda/rms_norm.h"

namespace cacheblend {

CudaRmsNorm::CudaRmsNorm(const Ort::ConstKernelInfo& info, ElementType type)
    : type_(type),
      epsilon_(info.GetAttribute<float>("epsilon")),
      norm_offset_(info.GetAttribute<float>("norm_offset")) {}

OrtStatusPtr CudaRmsNorm::ComputeV2(OrtKernelContext* context) {
  return ToStatus("RmsNorm", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaRmsNorm::Compute(const Ort::KernelContext& context) const {
  using namespace rms_norm;
  const DeviceTensor x = DeviceInput(context, kX), weight = DeviceInput(context, kWeight);
  ShapeTable table;
  table.Check("x", x.shape, {"R", "C"});
  table.Check("weight", weight.shape, {"K"});
  const int64_t rows = table["R"], columns = table["C"], size = table["K"];
  if (size == 0 || columns % size != 0) {
    throw std::invalid_argument(
        Text("x: ", columns, " columns, must be a multiple of the ", size, " weights"));
  }
  cuda::RmsNormParams params{};
  if (IsGiven(context, kResidual)) {
    const DeviceTensor residual = DeviceInput(context, kResidual);
    // Rows behind those of x are of probes that have ended.
    table.Check("residual", residual.shape, {Dim::AtLeast(rows), columns});
    params.residual = residual.data;
  }
  params.in = x.data;
  params.weight = weight.data;
  params.num_rows = rows * (columns / size);
  params.size = size;
  params.epsilon = epsilon_;
  params.weight_offset = norm_offset_;
  params.type = type_;
  params.out = DeviceOutput(context, 0, {rows, columns});
  cuda::RmsNorm(params, StreamOf(context));
}

OrtStatusPtr CudaRmsNormOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                           void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaRmsNorm(Ort::ConstKernelInfo(info), type_); });
}

}  // namespace cacheblend
