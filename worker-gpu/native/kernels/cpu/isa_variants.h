#pragma once

// A source NAME.isa.cc is compiled once per instruction set. CACHEBLEND_ISA is the namespace of its
// functions: baseline, avx2 or avx512. All other symbols of such a source belong in an unnamed
// namespace: otherwise the linker may merge a wider instruction set's code into a narrower one.

#include "kernels/cpu/isa.h"

namespace cacheblend {

// Selects the function for an instruction set.
template <typename Function>
Function* ChooseVariant(Isa isa, Function* baseline, Function* avx2, Function* avx512) {
  switch (isa) {
    case Isa::kAvx512:
      return avx512;
    case Isa::kAvx2:
      return avx2;
    case Isa::kBaseline:
      break;
  }
  return baseline;
}

}  // namespace cacheblend
