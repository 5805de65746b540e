#include "pool/to_float.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cacheblend {
namespace {

float Convert(uint16_t bits, ElementType type) { return ToFloats(&bits, 1, type)[0]; }

// IEEE 754 values: one, the largest, the smallest normal and subnormal.
TEST(ToFloatsTest, Float16) {
  EXPECT_EQ(1.f, Convert(0x3c00, ElementType::kFloat16));
  EXPECT_EQ(-2.f, Convert(0xc000, ElementType::kFloat16));
  EXPECT_EQ(65504.f, Convert(0x7bff, ElementType::kFloat16));
  EXPECT_EQ(0x1p-14f, Convert(0x0400, ElementType::kFloat16));
  EXPECT_EQ(0x1p-24f, Convert(0x0001, ElementType::kFloat16));
  EXPECT_EQ(0.333251953125f, Convert(0x3555, ElementType::kFloat16));
  EXPECT_TRUE(std::isinf(Convert(0x7c00, ElementType::kFloat16)));
  EXPECT_TRUE(std::isnan(Convert(0x7e00, ElementType::kFloat16)));
}

TEST(ToFloatsTest, BFloat16) {
  EXPECT_EQ(1.f, Convert(0x3f80, ElementType::kBFloat16));
  EXPECT_EQ(-3.140625f, Convert(0xc049, ElementType::kBFloat16));
  EXPECT_TRUE(std::isnan(Convert(0x7fc0, ElementType::kBFloat16)));
}

TEST(ToFloatsTest, Float32IsCopied) {
  const float values[] = {0.1f, -3.f};
  EXPECT_EQ((std::vector<float>{0.1f, -3.f}), ToFloats(values, 2, ElementType::kFloat32));
}

}  // namespace
}  // namespace cacheblend
