#pragma once

// A source NAME.isa.cc is compiled once per instruction set, with CACHEBLEND_ISA naming the
// namespace that its functions live in: baseline, avx2, avx512. Everything else in such a source
// belongs in an unnamed namespace, so that no code of a wider set is ever linked into a narrower
// one.

#include "kernels/cpu/isa.h"

namespace cacheblend {

// Calls one of three functions of the same signature.
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
