#include "kernels/kv_encoding.h"

#include "kernels/cpu/isa_variants.h"

namespace cacheblend {

#define VARIANT(isa)                                                          \
  namespace isa {                                                             \
  void EncodeHeads(KvEncoding, const float*, int64_t, int, const HeadCodes&); \
  void DecodeHeads(KvEncoding, const HeadCodes&, int64_t, int, float*);       \
  }
VARIANT(baseline)
VARIANT(avx2)
VARIANT(avx512)
#undef VARIANT

void EncodeHeads(KvEncoding encoding, const float* heads, int64_t head_count, int head_size,
                 const HeadCodes& to, Isa isa) {
  ChooseVariant(isa, baseline::EncodeHeads, avx2::EncodeHeads, avx512::EncodeHeads)(
      encoding, heads, head_count, head_size, to);
}

void DecodeHeads(KvEncoding encoding, const HeadCodes& from, int64_t head_count, int head_size,
                 float* heads, Isa isa) {
  ChooseVariant(isa, baseline::DecodeHeads, avx2::DecodeHeads, avx512::DecodeHeads)(
      encoding, from, head_count, head_size, heads);
}

}  // namespace cacheblend
