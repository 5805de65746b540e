#pragma once

#include "kernels/cpu/isa.h"
#include "kernels/partial_attention.h"

namespace cacheblend {

// PartialAttention with the given instruction set, which the machine must support.
void PartialAttentionOn(Isa isa, const PartialAttentionParams& params, const ParallelFor& parallel);

}  // namespace cacheblend
