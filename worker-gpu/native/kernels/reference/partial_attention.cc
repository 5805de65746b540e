#include "kernels/partial_attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cacheblend {

void PartialAttentionReference(const PartialAttentionParams& p) {
  const int stride = ValueStride(p.head_size), group = p.num_heads / p.num_kv_heads;
  for (int64_t s = 0; s < p.num_sequences; ++s) {
    for (int64_t row = p.row_offsets[s]; row < p.row_offsets[s + 1]; ++row) {
      const int64_t last = p.positions[row];
      const int64_t first = p.window > 0 ? std::max<int64_t>(0, last - p.window + 1) : 0;
      for (int head = 0; head < p.num_heads; ++head) {
        const int kv_head = head / group;
        const float* q = p.q + (row * p.num_heads + head) * p.head_size;
        std::vector<double> scores;
        for (int64_t t = first; t <= last; ++t) {
          const float* keys = p.kv[s].key_blocks[t / kBlockTokens] +
                              int64_t{kv_head} * p.head_size * kBlockTokens + t % kBlockTokens;
          double sum = 0;
          for (int d = 0; d < p.head_size; ++d) sum += double{q[d]} * keys[d * kBlockTokens];
          scores.push_back(sum * p.scale);
        }
        const double max = *std::max_element(scores.begin(), scores.end());
        double total = 0;
        for (double& x : scores) total += x = std::exp(x - max);
        float* out = p.out + (row * p.num_heads + head) * p.head_size;
        for (int d = 0; d < p.head_size; ++d) {
          double sum = 0;
          for (int64_t t = first; t <= last; ++t) {
            const float* values = p.kv[s].value_blocks[t / kBlockTokens] +
                                  (int64_t{kv_head} * kBlockTokens + t % kBlockTokens) * stride;
            sum += scores[t - first] * values[d];
          }
          out[d] = static_cast<float>(sum / total);
        }
      }
    }
  }
}

}  // namespace cacheblend
