#include "kernels/kv_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace cacheblend::CACHEBLEND_ISA {

namespace {

constexpr uint32_t kSign = 0x80000000, kInfinity = 0x7f800000;

uint32_t Bits(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}

float FromBits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

// Adding kMagic moves the last bit of x to 2^-9 or 1, so that the sum is rounded as the code is.
template <KvEncoding kEncoding>
uint8_t Code(float x) {
  constexpr float kBound = kEncodingBound<kEncoding>;
  const float limited = std::min(std::max(x, -kBound), kBound);
  if constexpr (kEncoding == KvEncoding::kInt8) {
    constexpr float kMagic = 12582912;  // 1.5 * 2^23
    return static_cast<uint8_t>(Bits(limited + kMagic));
  } else {
    constexpr float kMagic = 16384;  // 2^(23 - 9): subnormal codes are multiples of 2^-9
    constexpr int kDropped = 20;     // of 23 bits of the mantissa
    const uint32_t sign = Bits(limited) & kSign, magnitude = Bits(limited) & ~kSign;
    const uint32_t subnormal = Bits(FromBits(magnitude) + kMagic) - Bits(kMagic);
    const uint32_t half = (1u << (kDropped - 1)) - 1 + (magnitude >> kDropped & 1);
    const uint32_t normal = ((magnitude + half) >> kDropped) - (120u << 3);  // bias 127 to 7
    constexpr uint32_t kSmallestNormal = 121u << 23;                         // 2^-6
    return static_cast<uint8_t>((magnitude < kSmallestNormal ? subnormal : normal) | sign >> 24);
  }
}

template <KvEncoding kEncoding>
void EncodeHead(const float* __restrict head, int head_size, uint8_t* __restrict codes,
                float* __restrict scale) {
  constexpr float kBound = kEncodingBound<kEncoding>;
  uint32_t largest =
      0;  // of non-negative floats, NaN above infinity, the order is that of the bits
  for (int i = 0; i < head_size; ++i) largest = std::max(largest, Bits(head[i]) & ~kSign);
  const bool finite = largest < kInfinity;
  const float quotient = FromBits(largest) / kBound;
  *scale = quotient >= std::numeric_limits<float>::min() ? quotient : 0;
  if (!finite) *scale = std::numeric_limits<float>::quiet_NaN();
  if (!(*scale > 0)) {
    std::memset(codes, 0, head_size);
    return;
  }
  const float divisor = *scale;
  for (int i = 0; i < head_size; ++i) codes[i] = Code<kEncoding>(head[i] / divisor);
}

// Numbers of the codes 0 to 255; 0x7f and 0xff are NaN.
struct E4M3 {
  float numbers[256];

  E4M3() {
    for (int code = 0; code < 256; ++code) {
      const int exponent = code >> 3 & 15, mantissa = code & 7;
      const float magnitude = exponent > 0 ? std::ldexp(8.f + mantissa, exponent - 10)
                                           : std::ldexp(static_cast<float>(mantissa), -9);
      const bool nan = (code & 0x7f) == 0x7f;
      numbers[code] = nan            ? std::numeric_limits<float>::quiet_NaN()
                      : code >= 0x80 ? -magnitude
                                     : magnitude;
    }
  }
};

}  // namespace

void EncodeHeads(KvEncoding encoding, const float* heads, int64_t head_count, int head_size,
                 const HeadCodes& to) {
  const auto encode =
      encoding == KvEncoding::kFp8 ? EncodeHead<KvEncoding::kFp8> : EncodeHead<KvEncoding::kInt8>;
  for (int64_t head = 0; head < head_count; ++head) {
    encode(heads + head * head_size, head_size, to.codes + head * head_size, to.scales + head);
  }
}

void DecodeHeads(KvEncoding encoding, const HeadCodes& from, int64_t head_count, int head_size,
                 float* heads) {
  static const E4M3 e4m3;
  for (int64_t head = 0; head < head_count; ++head) {
    const uint8_t* __restrict codes = from.codes + head * head_size;
    float* __restrict to = heads + head * head_size;
    const float scale = from.scales[head];
    if (encoding == KvEncoding::kFp8) {
      for (int i = 0; i < head_size; ++i) to[i] = e4m3.numbers[codes[i]] * scale;
    } else {
      for (int i = 0; i < head_size; ++i) to[i] = static_cast<int8_t>(codes[i]) * scale;
    }
  }
}

}  // namespace cacheblend::CACHEBLEND_ISA
