#pragma once

#include <cstdint>

#include "kernels/cpu/isa.h"

namespace cacheblend {

// Number format of KV below the device.
enum class KvEncoding { kNative, kFp8, kInt8 };

// The numbers of a head of one row, a key or a value, become codes of 8 bits with one fp32 scale.
//
// fp8: E4M3 without infinities (OCP 8-bit floating point, 2023), B = 448. int8: B = 127.
//   scale = max|x| / B, code = x / scale, rounded to nearest, ties to even, limited to [-B, B]
//   decoded number = code * scale, rounded to the element type
// All arithmetic is fp32, rounded to nearest. Two cases have a scale of their own, and codes 0:
//   max|x| < B * 2^-126: scale 0, so the head decodes to zeros; no scale is subnormal
//   a NaN or an infinity: scale NaN, so the whole head decodes to NaN
// CPU and CUDA give the same bits. |decoded - x| <= EncodingError(encoding) * max|x|, plus the
// rounding to the element type.
struct HeadCodes {
  uint8_t* codes;  // [head_count, head_size]
  float* scales;   // [head_count]
};

inline constexpr int64_t kScaleBytes = sizeof(float);

template <KvEncoding kEncoding>
inline constexpr float kEncodingBound = kEncoding == KvEncoding::kFp8 ? 448 : 127;

inline constexpr float EncodingBound(KvEncoding encoding) {
  return encoding == KvEncoding::kFp8 ? kEncodingBound<KvEncoding::kFp8>
                                      : kEncodingBound<KvEncoding::kInt8>;
}

// Half the largest step between codes over B, with the rounding of scale, quotient and product.
inline constexpr float EncodingError(KvEncoding encoding) {
  return (encoding == KvEncoding::kFp8 ? 16 / 448.f : .5f / 127) * 1.00001f;
}

// `heads`: [head_count, head_size]. kFp8 or kInt8.
void EncodeHeads(KvEncoding encoding, const float* heads, int64_t head_count, int head_size,
                 const HeadCodes& to, Isa isa = CurrentIsa());
void EncodeHeadsReference(KvEncoding encoding, const float* heads, int64_t head_count,
                          int head_size, const HeadCodes& to);
void DecodeHeads(KvEncoding encoding, const HeadCodes& from, int64_t head_count, int head_size,
                 float* heads, Isa isa = CurrentIsa());
void DecodeHeadsReference(KvEncoding encoding, const HeadCodes& from, int64_t head_count,
                          int head_size, float* heads);

}  // namespace cacheblend
