#include "kernels/greedy_token.h"

#include <cstdint>
#include <limits>

#include "kernels/cpu/lanes.h"

namespace cacheblend::CACHEBLEND_ISA {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// +infinity if some logit is NaN or +infinity.
float Maximum(const float* row, int64_t size) {
  using Vec = typename Lanes<kMaxLanes>::Vec;
  Vec highest = Vec{} - kInfinity;
  int64_t i = 0;
  for (; i + kMaxLanes <= size; i += kMaxLanes) {
    const Vec x = Load<kMaxLanes>(row + i);
    // The comparison is false for NaN.
    const Vec valid = x < kInfinity ? x : Vec{} + kInfinity;
    highest = valid > highest ? valid : highest;
  }
  float maximum = -kInfinity;
  for (int lane = 0; lane < kMaxLanes; ++lane) {
    if (highest[lane] > maximum) maximum = highest[lane];
  }
  for (; i < size; ++i) {
    if (!(row[i] < kInfinity)) return kInfinity;
    if (row[i] > maximum) maximum = row[i];
  }
  return maximum;
}

int64_t GreedyTokenOf(const float* row, int64_t size) {
  const float maximum = Maximum(row, size);
  if (maximum == kInfinity || maximum == -kInfinity) return -1;
  int64_t index = 0;
  while (row[index] != maximum) ++index;
  return index;
}

}  // namespace

void GreedyToken(const GreedyTokenParams& p, const ParallelFor& parallel) {
  parallel(p.num_rows,
           [&](int64_t row) { p.out[row] = GreedyTokenOf(p.logits + row * p.size, p.size); });
}

}  // namespace cacheblend::CACHEBLEND_ISA
