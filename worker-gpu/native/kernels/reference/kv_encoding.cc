#include "kernels/kv_encoding.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cacheblend {

namespace {

// Of a code other than NaN.
double E4M3Number(int code) {
  const int exponent = code >> 3 & 15, mantissa = code & 7;
  const double magnitude =
      exponent > 0 ? std::ldexp(1 + mantissa / 8., exponent - 7) : std::ldexp(mantissa / 8., -6);
  return code < 0x80 ? magnitude : -magnitude;
}

// The nearest of all codes of this sign; of two that are as near, the even one.
uint8_t NearestE4M3(float x) {
  const int first = std::signbit(x) ? 0x80 : 0;
  int nearest = first;
  for (int code = first; code < first + 0x7f; ++code) {
    const double distance = std::abs(E4M3Number(code) - x);
    const double least = std::abs(E4M3Number(nearest) - x);
    if (distance < least || (distance == least && code % 2 == 0)) nearest = code;
  }
  return static_cast<uint8_t>(nearest);
}

uint8_t NearestInt8(float x) {
  return static_cast<uint8_t>(
      static_cast<int8_t>(std::clamp(std::nearbyint(x), -127.f, 127.f)));  // ties to even
}

}  // namespace

void EncodeHeadsReference(KvEncoding encoding, const float* heads, int64_t head_count,
                          int head_size, const HeadCodes& to) {
  const float bound = encoding == KvEncoding::kFp8 ? 448 : 127;
  for (int64_t head = 0; head < head_count; ++head) {
    const float* x = heads + head * head_size;
    float largest = 0;
    bool finite = true;
    for (int i = 0; i < head_size; ++i) {
      finite = finite && std::isfinite(x[i]);
      largest = std::max(largest, std::abs(x[i]));
    }
    float scale = largest / bound;
    if (std::fpclassify(scale) == FP_SUBNORMAL) scale = 0;
    if (!finite) scale = std::numeric_limits<float>::quiet_NaN();
    to.scales[head] = scale;
    for (int i = 0; i < head_size; ++i) {
      uint8_t& code = to.codes[head * head_size + i];
      if (scale == 0 || !finite) {
        code = 0;
      } else if (encoding == KvEncoding::kFp8) {
        code = NearestE4M3(x[i] / scale);
      } else {
        code = NearestInt8(x[i] / scale);
      }
    }
  }
}

void DecodeHeadsReference(KvEncoding encoding, const HeadCodes& from, int64_t head_count,
                          int head_size, float* heads) {
  for (int64_t i = 0; i < head_count * head_size; ++i) {
    const uint8_t code = from.codes[i];
    const auto number = static_cast<float>(
        encoding == KvEncoding::kFp8 ? E4M3Number(code) : static_cast<int8_t>(code));
    heads[i] = number * from.scales[i / head_size];
  }
}

}  // namespace cacheblend
