#include "kernels/kv_write.h"

#include "kernels/cpu/isa_variants.h"

namespace cacheblend {

namespace baseline {
void WriteKv(const KvWriteParams&, const ParallelFor&);
}
namespace avx2 {
void WriteKv(const KvWriteParams&, const ParallelFor&);
}
namespace avx512 {
void WriteKv(const KvWriteParams&, const ParallelFor&);
}

void WriteKv(const KvWriteParams& params, const ParallelFor& parallel, Isa isa) {
  ChooseVariant(isa, baseline::WriteKv, avx2::WriteKv, avx512::WriteKv)(params, parallel);
}

}  // namespace cacheblend
