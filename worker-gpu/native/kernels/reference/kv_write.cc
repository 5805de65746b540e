#include "kernels/kv_write.h"

#include "kernels/kv_view.h"

namespace cacheblend {

void WriteKvReference(const KvWriteParams& p) {
  const int half = p.head_size / 2, stride = ValueStride(p.head_size);
  for (int64_t b = 0; b < p.num_blocks; ++b) {
    const KvBlockWrite& block = p.blocks[b];
    for (int64_t r = block.first_row; r < block.first_row + block.row_count; ++r) {
      const KvRow& row = p.rows[r];
      for (int h = 0; h < p.num_kv_heads; ++h) {
        const float* key = row.key + h * p.head_size;
        const float* value = row.value + h * p.head_size;
        for (int d = 0; d < half; ++d) {
          float* panel = block.keys + h * p.head_size * kBlockTokens + row.slot;
          panel[d * kBlockTokens] = key[d] * row.cos[d] - key[half + d] * row.sin[d];
          panel[(half + d) * kBlockTokens] = key[half + d] * row.cos[d] + key[d] * row.sin[d];
        }
        for (int d = 0; d < stride; ++d) {
          block.values[(h * kBlockTokens + row.slot) * stride + d] = d < p.head_size ? value[d] : 0;
        }
      }
    }
  }
}

}  // namespace cacheblend
