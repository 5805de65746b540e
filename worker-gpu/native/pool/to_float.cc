#include "pool/to_float.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace cacheblend {

namespace {

float FromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

float FromBFloat16(uint16_t bits) { return FromBits(uint32_t{bits} << 16); }

// IEEE 754 binary16: 5 bits of exponent, 10 of fraction.
float FromFloat16(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float magnitude;
  if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction | 1024), exponent - 25);
  }
  return bits >> 15 != 0 ? -magnitude : magnitude;
}

}  // namespace

std::vector<float> ToFloats(const void* elements, int64_t count, ElementType type) {
  std::vector<float> floats(count);
  if (type == ElementType::kFloat32) {
    std::memcpy(floats.data(), elements, count * sizeof(float));
    return floats;
  }
  const auto* bits = static_cast<const uint16_t*>(elements);
  for (int64_t i = 0; i < count; ++i) {
    floats[i] = type == ElementType::kFloat16 ? FromFloat16(bits[i]) : FromBFloat16(bits[i]);
  }
  return floats;
}

}  // namespace cacheblend
