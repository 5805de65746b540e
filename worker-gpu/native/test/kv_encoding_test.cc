#include "kernels/kv_encoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "test/testing.h"

namespace cacheblend {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();

class KvEncodingTest : public testing::TestWithParam<KvEncoding> {};

struct Encoded {
  std::vector<uint8_t> codes;
  std::vector<uint32_t> scale_bits;
  std::vector<float> scales, decoded;
};

Encoded Finish(std::vector<uint8_t> codes, std::vector<float> scales, std::vector<float> decoded) {
  std::vector<uint32_t> bits(scales.size());
  std::memcpy(bits.data(), scales.data(), bits.size() * sizeof(bits[0]));
  return {std::move(codes), std::move(bits), std::move(scales), std::move(decoded)};
}

Encoded Encode(KvEncoding encoding, const std::vector<float>& x, int head_size,
               Isa isa = CurrentIsa()) {
  const int64_t heads = x.size() / head_size;
  std::vector<uint8_t> codes(x.size(), 0xee);
  std::vector<float> scales(heads, -1), decoded(x.size(), -1);
  EncodeHeads(encoding, x.data(), heads, head_size, {codes.data(), scales.data()}, isa);
  DecodeHeads(encoding, {codes.data(), scales.data()}, heads, head_size, decoded.data(), isa);
  return Finish(codes, scales, decoded);
}

Encoded EncodeReference(KvEncoding encoding, const std::vector<float>& x, int head_size) {
  const int64_t heads = x.size() / head_size;
  std::vector<uint8_t> codes(x.size());
  std::vector<float> scales(heads), decoded(x.size());
  EncodeHeadsReference(encoding, x.data(), heads, head_size, {codes.data(), scales.data()});
  DecodeHeadsReference(encoding, {codes.data(), scales.data()}, heads, head_size, decoded.data());
  return Finish(codes, scales, decoded);
}

// Heads of very different magnitude, and numbers that lie between two codes.
std::vector<float> Heads(KvEncoding encoding, int64_t heads, int head_size, std::mt19937& random) {
  std::vector<float> x = RandomFloats(heads * head_size, random);
  for (int64_t i = 0; i < heads * head_size; ++i) {
    if (i / head_size % 3 == 1) x[i] = std::ldexp(x[i], static_cast<int>(random() % 24) - 12);
    if (i / head_size % 3 == 2) {  // the scale is 1: quotients of two codes' distance
      const float step = std::ldexp(1.f, static_cast<int>(random() % 12) - 10);
      x[i] = i % head_size == 0 ? EncodingBound(encoding) : std::floor(x[i] * 8) * step;
    }
  }
  return x;
}

TEST_P(KvEncodingTest, IsBitwiseEqualToReference) {
  std::mt19937 random(5);
  for (Isa isa : SupportedIsas()) {
    for (int head_size : {2, 6, 16, 24, 64, 80, 128, 256}) {
      SCOPED_TRACE(testing::Message() << IsaName(isa) << ", head size " << head_size);
      const std::vector<float> x = Heads(GetParam(), 90, head_size, random);
      const Encoded actual = Encode(GetParam(), x, head_size, isa);
      const Encoded expected = EncodeReference(GetParam(), x, head_size);
      EXPECT_EQ(expected.codes, actual.codes);
      EXPECT_EQ(expected.scale_bits, actual.scale_bits);
      EXPECT_EQ(expected.decoded, actual.decoded);
    }
  }
}

TEST_P(KvEncodingTest, ErrorIsBounded) {
  std::mt19937 random(6);
  const int head_size = 64;
  const std::vector<float> x = Heads(GetParam(), 300, head_size, random);
  const Encoded encoded = Encode(GetParam(), x, head_size);
  for (size_t head = 0; head < x.size() / head_size; ++head) {
    float largest = 0;
    for (int i = 0; i < head_size; ++i) {
      largest = std::max(largest, std::abs(x[head * head_size + i]));
    }
    for (int i = 0; i < head_size; ++i) {
      const size_t at = head * head_size + i;
      ASSERT_LE(std::abs(encoded.decoded[at] - x[at]), EncodingError(GetParam()) * largest) << at;
    }
  }
}

TEST_P(KvEncodingTest, LargestMagnitudeHasTheLargestCode) {
  const uint8_t top = GetParam() == KvEncoding::kFp8 ? 0x7e : 127;
  const uint8_t bottom = GetParam() == KvEncoding::kFp8 ? 0xfe : uint8_t{0x81};
  for (const float x : {1.f, 448.f, 1.25e-35f, 65504.f, 3.38953139e38f, 0.1f, 1.0000001f}) {
    const Encoded encoded = Encode(GetParam(), {x, -x}, 2);
    EXPECT_EQ((std::vector<uint8_t>{top, bottom}), encoded.codes) << x;
    EXPECT_NEAR(encoded.decoded[0] / x, 1, 2e-7);
  }
}

TEST_P(KvEncodingTest, ZerosAndTinyHeadsDecodeToZeros) {
  const float limit = EncodingBound(GetParam()) * std::numeric_limits<float>::min();
  for (const float x : {0.f, -0.f, kSmallest, 1e-40f, std::nextafter(limit, 0.f) * .999999f}) {
    const Encoded encoded = Encode(GetParam(), {x, -x, 0, x}, 4);
    EXPECT_EQ(0, encoded.scales[0]) << x;
    EXPECT_EQ(std::vector<uint8_t>(4, 0), encoded.codes) << x;
    EXPECT_EQ(std::vector<float>(4, 0), encoded.decoded) << x;
  }
  EXPECT_EQ(std::numeric_limits<float>::min(), Encode(GetParam(), {limit, 0}, 2).scales[0]);
}

TEST_P(KvEncodingTest, HeadsThatAreNotFiniteDecodeToNaN) {
  for (const float x : {kInfinity, -kInfinity, kNaN, -kNaN}) {
    const Encoded encoded = Encode(GetParam(), {1, x, 2, 3, 1, 2, 3, 4}, 4);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(std::isnan(encoded.decoded[i])) << x;
    for (int i = 4; i < 8; ++i) EXPECT_FALSE(std::isnan(encoded.decoded[i])) << x;
    EXPECT_EQ(0x7fc00000u, encoded.scale_bits[0]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, KvEncodingTest, testing::Values(KvEncoding::kFp8, KvEncoding::kInt8));

}  // namespace
}  // namespace cacheblend
