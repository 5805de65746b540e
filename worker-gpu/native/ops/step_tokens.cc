#include "ops/step_tokens.h"

#include "ops/shape_table.h"
#include "pool/handles.h"

namespace cacheblend {

std::shared_ptr<StepTokens> StepTokensInput(const Ort::KernelContext& context, size_t index,
                                            StepTokensRole role, bool on_host) {
  if (!IsGiven(context, index)) return nullptr;
  const auto handles = Input<int64_t>(context, index);
  ShapeTable table;
  table.Check("step_tokens", handles.shape, {2});
  const int64_t handle = handles.data[static_cast<int>(role)];
  if (handle == 0) return nullptr;
  std::shared_ptr<StepTokens> tokens = TokensOfSteps().Get(handle);
  if (tokens->on_host() == on_host) return tokens;
  throw std::invalid_argument(Text("step_tokens: the memory of handle ", handle, " is ",
                                   on_host ? "on a CUDA device" : "on the host",
                                   ", the op on the other"));
}

}  // namespace cacheblend
