#pragma once

#include "kernels/cpu/isa.h"
#include "kernels/partial_attention.h"

namespace cacheblend {

// As PartialAttention, with an instruction set that the machine must support.
void PartialAttentionOn(Isa isa, const PartialAttentionParams& params, const ParallelFor& parallel);

}  // namespace cacheblend
