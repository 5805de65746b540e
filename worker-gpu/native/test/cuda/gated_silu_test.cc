#include "kernels/cuda/gated_silu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

class CudaGatedSiluTest : public testing::TestWithParam<ElementType> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }
};

TEST_P(CudaGatedSiluTest, EqualsSiluOfGateTimesUp) {
  std::mt19937 random(20261124);
  std::normal_distribution<float> normal(0, 3);
  for (const int64_t size : {1, 7, 8, 200}) {
    const int64_t rows = 33;
    std::vector<char> in(2 * rows * size * ElementBytes(GetParam()));
    for (int64_t i = 0; i < 2 * rows * size; ++i) Encode(GetParam(), normal(random), in.data(), i);
    Encode(GetParam(), -200, in.data(), 0);  // its exponential overflows
    const DeviceArray<char> from(in);
    const DeviceArray<char> to(rows * size * ElementBytes(GetParam()));
    to.Fill(0xff);
    GatedSilu({from.data(), rows, size, GetParam(), to.data()}, nullptr);
    Check(cudaDeviceSynchronize(), "GatedSilu");
    const std::vector<char> out = to.ToHost();
    const double unit = GetParam() == ElementType::kFloat16 ? 1e-3 : 8e-3;
    for (int64_t i = 0; i < rows * size; ++i) {
      const int64_t at = i / size * 2 * size + i % size;
      const double gate = Decode(GetParam(), in.data(), at);
      const double up = Decode(GetParam(), in.data(), at + size);
      const double expected = gate / (1 + std::exp(-gate)) * up;
      ASSERT_NEAR(expected, Decode(GetParam(), out.data(), i), unit * (std::abs(expected) + 1e-3));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CudaGatedSiluTest,
                         testing::Values(ElementType::kFloat16, ElementType::kBFloat16));

}  // namespace
}  // namespace cacheblend::cuda
