#include "kernels/cuda/gated_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <tuple>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

// SiLU, and GELU as transformers' gelu_pytorch_tanh defines it.
double Activated(Gate gate, double x) {
  if (gate == Gate::kSilu) return x / (1 + std::exp(-x));
  return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

class CudaGatedRowsTest : public testing::TestWithParam<std::tuple<ElementType, Gate>> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }
};

TEST_P(CudaGatedRowsTest, EqualsActivatedGateTimesUp) {
  const auto [type, gate] = GetParam();
  std::mt19937 random(20261124);
  std::normal_distribution<float> normal(0, 3);
  for (const int64_t size : {1, 7, 8, 200}) {
    const int64_t rows = 33;
    std::vector<char> in(2 * rows * size * ElementBytes(type));
    for (int64_t i = 0; i < 2 * rows * size; ++i) Encode(type, normal(random), in.data(), i);
    Encode(type, -200, in.data(), 0);  // its exponential overflows
    const DeviceArray<char> from(in);
    const DeviceArray<char> to(rows * size * ElementBytes(type));
    to.Fill(0xff);
    GatedRows({from.data(), rows, size, gate, type, to.data()}, nullptr);
    Check(cudaDeviceSynchronize(), "GatedRows");
    const std::vector<char> out = to.ToHost();
    const double unit = type == ElementType::kFloat16 ? 1e-3 : 8e-3;
    for (int64_t i = 0; i < rows * size; ++i) {
      const int64_t at = i / size * 2 * size + i % size;
      const double x = Decode(type, in.data(), at), up = Decode(type, in.data(), at + size);
      const double expected = Activated(gate, x) * up;
      ASSERT_NEAR(expected, Decode(type, out.data(), i), unit * (std::abs(expected) + 1e-3));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CudaGatedRowsTest,
                         testing::Combine(testing::Values(ElementType::kFloat16,
                                                          ElementType::kBFloat16),
                                          testing::Values(Gate::kSilu, Gate::kGeluTanh)));

}  // namespace
}  // namespace cacheblend::cuda
