#include "kernels/greedy_token.h"

#include <algorithm>
#include <cmath>

namespace cacheblend {

void GreedyTokenReference(const GreedyTokenParams& p) {
  for (int64_t row = 0; row < p.num_rows; ++row) {
    const float* begin = p.logits + row * p.size;
    const float* end = begin + p.size;
    const bool any_nan = std::any_of(begin, end, [](float x) { return std::isnan(x); });
    const float* largest = std::max_element(begin, end);
    p.out[row] = any_nan || !std::isfinite(*largest) ? -1 : largest - begin;
  }
}

}  // namespace cacheblend
