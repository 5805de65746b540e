#pragma once

namespace cacheblend::cuda {

// Whether the environment variable CACHEBLEND_DISABLE_KERNELS contains a name: "tiles" for the tile
// kernel of Linear, "items" for the division of PartialAttention into items. Other kernels then do
// their work, for comparison on one build.
bool IsDisabled(const char* name);

}  // namespace cacheblend::cuda
