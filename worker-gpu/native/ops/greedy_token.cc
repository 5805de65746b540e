#include "ops/greedy_token.h"

#include <algorithm>

#include "kernels/greedy_token.h"
#include "ops/shape_table.h"
#include "ops/step.h"
#include "ops/step_tokens.h"

namespace cacheblend {

using namespace greedy_token;

OrtStatusPtr GreedyTokenKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("GreedyToken", [&] { Compute(Ort::KernelContext(context)); });
}

void GreedyTokenKernel::Compute(const Ort::KernelContext& context) const {
  const auto logits = Input<float>(context, kLogits);
  ShapeTable table;
  table.Check("logits", logits.shape, {"S", Dim::AtLeast(1)});
  const int64_t size = logits.shape[1];
  int64_t* out = Output<int64_t>(context, 0, {table["S"]});
  const auto tokens = StepTokensInput(context, kStepTokens, StepTokensRole::kComputed, true);
  GreedyToken({logits.data, table["S"], size, out}, ThreadsFor(context, table["S"] * size));
  if (tokens == nullptr) return;
  CheckSequenceCount(table["S"]);
  std::copy_n(out, table["S"], tokens->device_ids());
  std::copy_n(out, table["S"], tokens->host_ids());
  tokens->Set(table["S"], nullptr);
}

OrtStatusPtr GreedyTokenOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*,
                                           void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new GreedyTokenKernel; });
}

}  // namespace cacheblend
