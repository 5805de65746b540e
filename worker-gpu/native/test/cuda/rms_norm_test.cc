#include "kernels/cuda/rms_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

// Half a unit in the last place, relative.
double Unit(ElementType type) { return type == ElementType::kFloat16 ? 0x1p-11 : 0x1p-8; }

class CudaRmsNormTest : public testing::TestWithParam<ElementType> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }

  std::vector<char> Random(int64_t count, float deviation) {
    std::normal_distribution<float> normal(0, deviation);
    std::vector<char> elements(count * ElementBytes(GetParam()));
    for (int64_t i = 0; i < count; ++i) Encode(GetParam(), normal(random_), elements.data(), i);
    return elements;
  }

  // The result is the definition in double precision, rounded once. Weights around zero: a sum of
  // offset and weight that was rounded to the type would show.
  void ExpectDefinition(int64_t rows, int64_t size, float offset, bool with_residual) {
    const ElementType type = GetParam();
    const std::vector<char> in = Random(rows * size, 2), weight = Random(size, 0.2f),
                            residual = Random(rows * size, 1);
    const DeviceArray<char> from(in), weights(weight), added(residual),
        to(rows * size * ElementBytes(type));
    to.Fill(0xff);
    const float epsilon = 1e-2f;
    RmsNorm({from.data(), weights.data(), with_residual ? added.data() : nullptr, rows, size,
             epsilon, offset, type, to.data()},
            nullptr);
    Check(cudaDeviceSynchronize(), "RmsNorm");
    const std::vector<char> out = to.ToHost();
    for (int64_t row = 0; row < rows; ++row) {
      double squares = 0;
      for (int64_t i = 0; i < size; ++i) {
        squares += std::pow(Decode(type, in.data(), row * size + i), 2);
      }
      const double scale = 1 / std::sqrt(squares / size + epsilon);
      for (int64_t i = 0; i < size; ++i) {
        const int64_t at = row * size + i;
        const double term = Decode(type, in.data(), at) * scale *
                            (static_cast<double>(Decode(type, weight.data(), i)) + offset);
        const double sum = with_residual ? Decode(type, residual.data(), at) : 0;
        ASSERT_NEAR(term + sum, Decode(type, out.data(), at),
                    1.01 * Unit(type) * std::abs(term + sum) +
                        1e-5 * (std::abs(term) + std::abs(sum)) + 1e-7)
            << "row " << row << " element " << i << " of " << rows << " x " << size;
      }
    }
  }

  std::minstd_rand random_{20261129};
};

// Heads (a warp per row), rows of each number of packs per thread, and sizes that are not packed.
TEST_P(CudaRmsNormTest, EqualsDefinition) {
  for (const int64_t size : {8, 64, 128, 256, 264, 2048, 2304, 4096, 5376, 16384, 20, 33, 20000}) {
    for (const int64_t rows : {1, 7, 40}) {
      for (const bool residual : {false, true}) {
        ExpectDefinition(rows, size, 0, residual);
        ExpectDefinition(rows, size, 1, residual);
        if (HasFatalFailure()) return;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CudaRmsNormTest,
                         testing::Values(ElementType::kFloat16, ElementType::kBFloat16));

}  // namespace
}  // namespace cacheblend::cuda
