#include "kernels/rotate_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "test/testing.h"

namespace cacheblend {
namespace {

TEST(RotateRowsTest, IsBitwiseEqualToReference) {
  std::mt19937 random(2);
  for (Isa isa : SupportedIsas()) {
    for (int head_size : {2, 16, 24, 64, 80, 96, 128}) {
      for (int64_t num_rows : {1, 17, 50}) {
        SCOPED_TRACE(testing::Message() << IsaName(isa) << ", head size " << head_size);
        const int heads = 3;
        const int64_t stride = heads * head_size + 5;
        const auto in = RandomFloats(num_rows * stride, random);
        const auto cos = RandomFloats(100 * head_size / 2, random);
        const auto sin = RandomFloats(100 * head_size / 2, random);
        std::vector<int64_t> positions(num_rows);
        for (int64_t& position : positions) position = random() % 100;
        std::vector<float> actual(num_rows * heads * head_size), expected(actual.size());
        RotateRowsParams params{in.data(), stride, positions.data(), cos.data(),   sin.data(),
                                num_rows,  heads,  head_size,        actual.data()};
        RotateRows(params, TwoThreads(), isa);
        params.out = expected.data();
        RotateRowsReference(params);
        EXPECT_EQ(expected, actual);
      }
    }
  }
}

// Rotations by n and by m - n compose to a rotation by m, a property that the reference does not
// use.
TEST(RotateRowsTest, RotationsCompose) {
  const int half = 8, positions = 60;
  std::vector<float> cos, sin;
  for (int p = 0; p < positions; ++p) {
    for (int i = 0; i < half; ++i) {
      cos.push_back(std::cos(p * std::pow(100., -i / 8.)));
      sin.push_back(std::sin(p * std::pow(100., -i / 8.)));
    }
  }
  std::mt19937 random(3);
  const auto in = RandomFloats(2 * half, random);
  const auto rotate = [&](const std::vector<float>& row, int64_t position) {
    std::vector<float> out(2 * half);
    RotateRows(
        {row.data(), 2 * half, &position, cos.data(), sin.data(), 1, 1, 2 * half, out.data()},
        SerialFor());
    return out;
  };
  const auto once = rotate(in, 59), twice = rotate(rotate(in, 20), 39);
  for (int i = 0; i < 2 * half; ++i) EXPECT_NEAR(once[i], twice[i], 1e-5);
}

}  // namespace
}  // namespace cacheblend
