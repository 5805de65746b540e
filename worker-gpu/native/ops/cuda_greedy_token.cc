#include "ops/cuda_greedy_token.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/greedy_token.h"
#include "ops/step_tokens.h"
#include "pool/cuda/cuda_event.h"

namespace cacheblend {

using namespace greedy_token;

OrtStatusPtr CudaGreedyToken::ComputeV2(OrtKernelContext* context) {
  return ToStatus("GreedyToken", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaGreedyToken::Compute(const Ort::KernelContext& context) const {
  const DeviceTensor logits = DeviceInput(context, kLogits);
  ShapeTable table;
  table.Check("logits", logits.shape, {"S", Dim::AtLeast(1)});
  cuda::GreedyTokenParams params{};
  params.logits = logits.data;
  params.num_rows = table["S"];
  params.size = logits.shape[1];
  params.type = type_;
  params.out = Output<int64_t>(context, 0, {params.num_rows});
  const auto tokens = StepTokensInput(context, kStepTokens, StepTokensRole::kComputed, false);
  const cudaStream_t stream = StreamOf(context);
  if (tokens == nullptr) return cuda::GreedyToken(params, stream);
  CheckSequenceCount(params.num_rows);
  params.copy = tokens->device_ids();
  cuda::GreedyToken(params, stream);
  cuda::Check(cudaMemcpyAsync(tokens->host_ids(), params.copy, params.num_rows * sizeof(int64_t),
                              cudaMemcpyDeviceToHost, stream),
              "cudaMemcpyAsync of the next tokens");
  tokens->Set(params.num_rows, std::make_shared<const CudaEvent>(stream));
}

OrtStatusPtr CudaGreedyTokenOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*,
                                               void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaGreedyToken(type_); });
}

}  // namespace cacheblend
