#include "ops/cuda_take_rows.h"

#include "kernels/cuda/take_rows.h"

namespace cacheblend {

OrtStatusPtr CudaTakeRows::ComputeV2(OrtKernelContext* context) {
  return ToStatus("TakeRows", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaTakeRows::Compute(const Ort::KernelContext& context) const {
  const DeviceTensor input = DeviceInput(context, take_rows::kTable);
  const auto rows = Input<int64_t>(context, take_rows::kRows);
  ShapeTable table;
  table.Check("table", input.shape, {"N", "H"});
  table.Check("rows", rows.shape, {"R"});
  cuda::TakeRowsParams params{};
  params.table = input.data;
  params.rows = rows.data;
  params.table_rows = table["N"];
  params.num_rows = table["R"];
  params.size = table["H"];
  params.type = type_;
  params.out = DeviceOutput(context, 0, {params.num_rows, params.size});
  cuda::TakeRows(params, StreamOf(context));
}

OrtStatusPtr CudaTakeRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*,
                                            void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaTakeRows(type_); });
}

}  // namespace cacheblend
