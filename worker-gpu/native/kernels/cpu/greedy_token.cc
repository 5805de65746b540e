#include "kernels/greedy_token.h"

#include "kernels/cpu/isa_variants.h"

namespace cacheblend {

namespace baseline {
void GreedyToken(const GreedyTokenParams&, const ParallelFor&);
}
namespace avx2 {
void GreedyToken(const GreedyTokenParams&, const ParallelFor&);
}
namespace avx512 {
void GreedyToken(const GreedyTokenParams&, const ParallelFor&);
}

void GreedyToken(const GreedyTokenParams& params, const ParallelFor& parallel, Isa isa) {
  ChooseVariant(isa, baseline::GreedyToken, avx2::GreedyToken, avx512::GreedyToken)(params,
                                                                                    parallel);
}

}  // namespace cacheblend
