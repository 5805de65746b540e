#pragma once

namespace cacheblend::cuda {

// Whether the environment variable CACHEBLEND_DISABLE_KERNELS contains a name: "items" for the
// division of PartialAttention into items. Other kernels then do its work, for comparison on one
// build.
bool IsDisabled(const char* name);

}  // namespace cacheblend::cuda
