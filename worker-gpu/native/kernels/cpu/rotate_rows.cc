#include "kernels/rotate_rows.h"

#include "kernels/cpu/isa_variants.h"

namespace cacheblend {

namespace baseline {
void RotateRows(const RotateRowsParams&, const ParallelFor&);
}
namespace avx2 {
void RotateRows(const RotateRowsParams&, const ParallelFor&);
}
namespace avx512 {
void RotateRows(const RotateRowsParams&, const ParallelFor&);
}

void RotateRows(const RotateRowsParams& params, const ParallelFor& parallel, Isa isa) {
  ChooseVariant(isa, baseline::RotateRows, avx2::RotateRows, avx512::RotateRows)(params, parallel);
}

}  // namespace cacheblend
