#include "ops/greedy_token.h"

#include "kernels/greedy_token.h"
#include "ops/shape_table.h"

namespace cacheblend {

OrtStatusPtr GreedyTokenKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("GreedyToken", [&] { Compute(Ort::KernelContext(context)); });
}

void GreedyTokenKernel::Compute(const Ort::KernelContext& context) const {
  const auto logits = Input<float>(context, 0);
  ShapeTable table;
  table.Check("logits", logits.shape, {"S", Dim::AtLeast(1)});
  const int64_t size = logits.shape[1];
  int64_t* out = Output<int64_t>(context, 0, {table["S"]});
  GreedyToken({logits.data, table["S"], size, out}, ThreadsFor(context, table["S"] * size));
}

OrtStatusPtr GreedyTokenOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*,
                                           void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new GreedyTokenKernel; });
}

}  // namespace cacheblend
