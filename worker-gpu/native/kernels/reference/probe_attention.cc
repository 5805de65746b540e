#include "kernels/probe_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace cacheblend {
namespace {

double Score(const ProbeAttentionParams& p, const ProbeSequence& probe, const float* q, int kv_head,
             int64_t key) {
  const float* block = probe.kv.key_blocks[key / kBlockTokens];
  double dot = 0;
  for (int d = 0; d < p.head_size; ++d) {
    const int64_t at = (int64_t{kv_head} * p.head_size + d) * kBlockTokens + key % kBlockTokens;
    dot += double{q[d]} * block[at];
  }
  const double score = dot * p.scale, cap = p.soft_cap;
  return cap > 0 ? cap * std::tanh(score / cap) : score;
}

}  // namespace

// One query row and head after another, in fp64.
void ProbeAttentionReference(const ProbeAttentionParams& p) {
  const int group = p.num_heads / p.num_kv_heads;
  for (int64_t i = 0; i < p.num_probes; ++i) {
    const ProbeSequence& probe = p.probes[i];
    std::vector<double> masses(p.num_kv_heads * probe.key_end);
    for (int64_t row = probe.first_row; row < probe.first_row + probe.query_count; ++row) {
      const int64_t first =
          p.window > 0 ? std::max<int64_t>(0, p.positions[row] - p.window + 1) : 0;
      for (int head = 0; head < p.num_heads; ++head) {
        const int kv_head = head / group;
        const float* q = p.q + (row * p.num_heads + head) * p.head_size;
        double maximum = -std::numeric_limits<double>::infinity(), sum = 0;
        for (int64_t key = first; key < probe.key_end; ++key) {
          maximum = std::max(maximum, Score(p, probe, q, kv_head, key));
        }
        for (int64_t key = first; key < probe.key_end; ++key) {
          sum += std::exp(Score(p, probe, q, kv_head, key) - maximum);
        }
        for (int64_t key = first; key < probe.key_end; ++key) {
          masses[kv_head * probe.key_end + key] +=
              std::exp(Score(p, probe, q, kv_head, key) - maximum) / sum;
        }
      }
    }
    for (int kv_head = 0; kv_head < p.num_kv_heads; ++kv_head) {
      for (int64_t key = 0; key < probe.key_end; ++key) {
        probe.mass[kv_head * probe.mass_stride + key] +=
            static_cast<float>(probe.weight * masses[kv_head * probe.key_end + key]);
      }
    }
  }
}

}  // namespace cacheblend
