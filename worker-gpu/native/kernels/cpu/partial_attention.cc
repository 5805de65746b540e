#include "kernels/partial_attention.h"

namespace cacheblend {

void PartialAttention(const PartialAttentionParams& params, const ParallelFor&) {
  PartialAttentionReference(params);
}

}  // namespace cacheblend
