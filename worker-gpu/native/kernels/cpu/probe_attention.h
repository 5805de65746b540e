#pragma once

#include "kernels/cpu/isa.h"
#include "kernels/probe_attention.h"

namespace cacheblend {

// ProbeAttention with the given instruction set, which the machine must support.
void ProbeAttentionOn(Isa isa, const ProbeAttentionParams& params, const ParallelFor& parallel);

}  // namespace cacheblend
