#pragma once

namespace cacheblend {

enum class Isa { kBaseline, kAvx2, kAvx512 };

// The widest instruction set that this machine and its operating system support.
Isa CurrentIsa();

const char* IsaName(Isa isa);

}  // namespace cacheblend
