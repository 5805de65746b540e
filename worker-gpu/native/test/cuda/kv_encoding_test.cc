#include "kernels/cuda/kv_encoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/kv_encoding.h"
#include "test/cuda/device.h"
#include "test/testing.h"

namespace cacheblend::cuda {
namespace {

struct Case {
  KvEncoding encoding;
  ElementType type;
};

class CudaKvEncodingTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }
};

// Numbers of the element type: ordinary and special heads. Never empty, head sizes of 2 or more.
std::vector<float> Heads(ElementType type, int64_t heads, int head_size, std::mt19937& random) {
  const std::vector<float> firsts = {0.f,
                                     -0.f,
                                     std::numeric_limits<float>::denorm_min(),
                                     -1e-39f,
                                     448 * std::numeric_limits<float>::min(),
                                     127 * std::numeric_limits<float>::min(),
                                     448.f,
                                     127.f,
                                     65504.f,
                                     3.38953139e38f,
                                     std::numeric_limits<float>::infinity(),
                                     std::numeric_limits<float>::quiet_NaN()};
  std::vector<float> x = RandomFloats(heads * head_size, random);
  for (int64_t i = 0; i < heads * head_size; ++i) {
    const int64_t head = i / head_size;
    if (head % 4 == 1) x[i] = std::ldexp(x[i], static_cast<int>(random() % 40) - 20);
    if (head % 4 == 2) {  // the scale is 1 or 448 / 127: many quotients lie between two codes
      x[i] = i % head_size == 0
                 ? 448
                 : std::ldexp(std::floor(x[i] * 8), static_cast<int>(random() % 12) - 10);
    }
    if (head % 4 == 3) {
      const float first = firsts[head / 4 % firsts.size()];
      x[i] = i % head_size == 0 ? first : std::isfinite(first) ? x[i] * first / 8 : x[i];
    }
    x[i] = Rounded(type, x[i]);
  }
  return x;
}

std::vector<uint8_t> Elements(ElementType type, const std::vector<float>& x) {
  std::vector<uint8_t> bytes(x.size() * ElementBytes(type));
  for (size_t i = 0; i < x.size(); ++i) Encode(type, x[i], bytes.data(), i);
  return bytes;
}

TEST_P(CudaKvEncodingTest, CodesAndScalesHaveTheBitsOfTheCpu) {
  const auto [encoding, type] = GetParam();
  std::mt19937 random(7);
  for (const int head_size : {2, 6, 16, 24, 64, 80, 128, 256}) {
    const int64_t heads = 301;
    const std::vector<float> x = Heads(type, heads, head_size, random);
    std::vector<uint8_t> codes(x.size());
    std::vector<float> scales(heads);
    cacheblend::EncodeHeads(encoding, x.data(), heads, head_size, {codes.data(), scales.data()});

    const DeviceArray<uint8_t> from(Elements(type, x)), to(static_cast<int64_t>(x.size()));
    const DeviceArray<float> scales_to(heads);
    to.Fill(0xee);
    EncodeHeads({from.data(), heads, head_size, type, encoding, {to.data(), scales_to.data()}},
                nullptr);
    Check(cudaDeviceSynchronize(), "EncodeHeads");

    const std::vector<float> actual = scales_to.ToHost();
    EXPECT_EQ(codes, to.ToHost()) << head_size;
    EXPECT_EQ(0, std::memcmp(scales.data(), actual.data(), heads * sizeof(float))) << head_size;
  }
}

TEST_P(CudaKvEncodingTest, DecodedNumbersHaveTheBitsOfTheCpu) {
  const auto [encoding, type] = GetParam();
  std::mt19937 random(8);
  for (const int head_size : {2, 6, 16, 24, 64, 80, 128, 256}) {
    // Runs of different lengths, behind each other; one more run would need another launch.
    const int64_t heads = 16 * 17 / 2;
    const std::vector<float> x = Heads(type, heads, head_size, random);
    std::vector<uint8_t> codes(x.size());
    std::vector<float> scales(heads), decoded(x.size());
    const HeadCodes host{codes.data(), scales.data()};
    cacheblend::EncodeHeads(encoding, x.data(), heads, head_size, host);
    cacheblend::DecodeHeads(encoding, host, heads, head_size, decoded.data());

    const DeviceArray<uint8_t> from(codes);
    const DeviceArray<float> scales_from(scales);
    const DeviceArray<uint8_t> to(static_cast<int64_t>(x.size()) * ElementBytes(type));
    DecodeHeadsParams params{};
    params.head_size = head_size;
    params.type = type;
    params.encoding = encoding;
    int64_t first = 0;
    for (int run = 0; run < DecodeHeadsParams::kMaxRuns; ++run) {
      const int64_t at = first * head_size;
      params.runs[params.run_count++] = {{from.data() + at, scales_from.data() + first},
                                         to.data() + at * ElementBytes(type),
                                         run + 1};
      first += run + 1;
    }
    ASSERT_EQ(heads, first);
    DecodeHeads(params, nullptr);
    Check(cudaDeviceSynchronize(), "DecodeHeads");

    const std::vector<uint8_t> bytes = to.ToHost();
    for (size_t i = 0; i < x.size(); ++i) {
      const float actual = Decode(type, bytes.data(), i), expected = Rounded(type, decoded[i]);
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(actual)) << i;
      } else {
        ASSERT_EQ(0, std::memcmp(&expected, &actual, sizeof(float)))
            << "head size " << head_size << ", number " << i << ": " << actual << ", expected "
            << expected;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CudaKvEncodingTest,
                         testing::Values(Case{KvEncoding::kFp8, ElementType::kFloat32},
                                         Case{KvEncoding::kFp8, ElementType::kFloat16},
                                         Case{KvEncoding::kFp8, ElementType::kBFloat16},
                                         Case{KvEncoding::kInt8, ElementType::kFloat32},
                                         Case{KvEncoding::kInt8, ElementType::kFloat16},
                                         Case{KvEncoding::kInt8, ElementType::kBFloat16}));

}  // namespace
}  // namespace cacheblend::cuda
