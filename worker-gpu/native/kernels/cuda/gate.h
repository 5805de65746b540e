#pragma once

namespace cacheblend::cuda {

// Activation of the gate of a gated projection. kGeluTanh is the approximation of GELU by tanh.
enum class Gate { kSilu, kGeluTanh };

}  // namespace cacheblend::cuda
