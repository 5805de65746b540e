#include <cstdint>

#include "kernels/cpu/lanes.h"
#include "kernels/select_rows.h"

namespace cacheblend::CACHEBLEND_ISA {

// Accumulates each lane in fp32 and reduces the lanes in fp64.
float SquaredDistance(const float* a, const float* b, int64_t size) {
  using Vec = typename Lanes<kMaxLanes>::Vec;
  Vec even = {}, odd = {};
  int64_t i = 0;
  for (; i + 2 * kMaxLanes <= size; i += 2 * kMaxLanes) {
    const Vec x = Load<kMaxLanes>(a + i) - Load<kMaxLanes>(b + i);
    const Vec y = Load<kMaxLanes>(a + i + kMaxLanes) - Load<kMaxLanes>(b + i + kMaxLanes);
    even += x * x;
    odd += y * y;
  }
  double sum = 0;
  for (int lane = 0; lane < kMaxLanes; ++lane) sum += double{even[lane]} + double{odd[lane]};
  for (; i < size; ++i) {
    const double x = double{a[i]} - double{b[i]};
    sum += x * x;
  }
  return static_cast<float>(sum);
}

}  // namespace cacheblend::CACHEBLEND_ISA
