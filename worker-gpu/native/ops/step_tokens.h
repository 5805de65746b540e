#pragma once

#include <memory>

#include "ops/ort.h"
#include "pool/step_tokens.h"

namespace cacheblend {

// The input step_tokens int64 [2], in host memory: handles of the tokens that the step computes,
// and of those of an earlier step, to which its token ids refer. 0: none.
enum class StepTokensRole { kComputed, kEarlier };

// Null if the input or the handle is absent. Throws std::invalid_argument for an unknown handle,
// and for tokens in memory of another kind.
std::shared_ptr<StepTokens> StepTokensInput(const Ort::KernelContext& context, size_t index,
                                            StepTokensRole role, bool on_host);

// Index of the token in the earlier step to which a negative token id refers.
inline int64_t EarlierTokenIndex(int64_t token_id) { return -1 - token_id; }

}  // namespace cacheblend
