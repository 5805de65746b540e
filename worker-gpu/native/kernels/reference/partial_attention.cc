#include "kernels/partial_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace cacheblend {
namespace {

float KeyAt(const PartialAttentionParams& params, const KvLayerView& kv, int kv_head,
            int64_t position, int d) {
  const float* block = kv.key_blocks[position / kBlockTokens];
  const int64_t slot = position % kBlockTokens;
  return block[(int64_t{kv_head} * params.head_size + d) * kBlockTokens + slot];
}

float ValueAt(const PartialAttentionParams& params, const KvLayerView& kv, int kv_head,
              int64_t position, int d) {
  const float* block = kv.value_blocks[position / kBlockTokens];
  const int64_t slot = position % kBlockTokens;
  return block[(kv_head * kBlockTokens + slot) * ValueStride(params.head_size) + d];
}

// One row and head: softmax(q . K^T * scale) . V over keys [first, position].
void AttendHead(const PartialAttentionParams& params, const KvLayerView& kv, int kv_head,
                int64_t position, const float* q, float* out) {
  const int64_t first = params.window > 0 ? std::max<int64_t>(0, position - params.window + 1) : 0;

  std::vector<double> weights;
  double maximum = -std::numeric_limits<double>::infinity();
  for (int64_t key = first; key <= position; ++key) {
    double dot = 0;
    for (int d = 0; d < params.head_size; ++d) {
      dot += static_cast<double>(q[d]) * KeyAt(params, kv, kv_head, key, d);
    }
    const double score = dot * params.scale, cap = params.soft_cap;
    weights.push_back(cap > 0 ? cap * std::tanh(score / cap) : score);
    maximum = std::max(maximum, weights.back());
  }

  double sum = 0;
  for (double& weight : weights) {
    weight = std::exp(weight - maximum);
    sum += weight;
  }

  for (int d = 0; d < params.head_size; ++d) {
    double value = 0;
    for (int64_t key = first; key <= position; ++key) {
      value += weights[key - first] * ValueAt(params, kv, kv_head, key, d);
    }
    out[d] = static_cast<float>(value / sum);
  }
}

}  // namespace

void PartialAttentionReference(const PartialAttentionParams& params) {
  const int group = params.num_heads / params.num_kv_heads;
  for (int64_t s = 0; s < params.num_sequences; ++s) {
    for (int64_t row = params.row_offsets[s]; row < params.row_offsets[s + 1]; ++row) {
      for (int head = 0; head < params.num_heads; ++head) {
        const int64_t column = (row * params.num_heads + head) * params.head_size;
        AttendHead(params, params.kv[s], head / group, params.positions[row], params.q + column,
                   params.out + column);
      }
    }
  }
}

}  // namespace cacheblend
