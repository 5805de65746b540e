// Linear in the shapes of Mistral-7B: checks the streaming kernels against cuBLASLt, then times
// all. Successive launches read different weights.
//
//   linear_bench [ROWS]...

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/cuda/card_rates.h"
#include "bench/cuda/timing.h"
#include "kernels/cuda/linear.h"
#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

struct Shape {
  const char* name;
  int64_t in_size, out_size;
  bool norm, residual, gated;
  int64_t WeightCount() const { return in_size * out_size * (gated ? 2 : 1); }
};

constexpr Shape kShapes[] = {{"qkv", 4096, 6144, true, false, false},
                             {"attention output", 4096, 4096, false, true, false},
                             {"gate and up", 4096, 14336, true, false, true},
                             {"down", 14336, 4096, false, true, false},
                             {"key or value", 4096, 1024, false, false, false},
                             {"logits", 4096, 32000, false, false, false}};
constexpr int kLayerShapes = 4;  // the first ones
// More weights than fit in L2.
constexpr int kCopies = 4;
// Rows up to which the product alone is timed, too.
constexpr int64_t kMaxProductRows = 64;
constexpr int64_t kMaxWeights = int64_t{4096} * 32000, kMaxRows = 8192;

// Several copies of the same random weights.
DeviceArray<char> RandomWeights() {
  std::minstd_rand random(1);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> some(1 << 16);
  for (float& x : some) x = normal(random);
  std::vector<char> bytes(kMaxWeights * 2);
  for (int64_t i = 0; i < kMaxWeights; ++i) {
    Encode(ElementType::kBFloat16, some[i * 7919 % some.size()], bytes.data(), i);
  }
  DeviceArray<char> weights(kCopies * kMaxWeights * 2);
  for (int copy = 0; copy < kCopies; ++copy) {
    Check(cudaMemcpy(weights.data() + copy * bytes.size(), bytes.data(), bytes.size(),
                     cudaMemcpyHostToDevice),
          "copy of weights");
  }
  return weights;
}

class Bench {
 public:
  LinearParams Params(const Shape& shape, int64_t rows, int copy) const {
    LinearParams p{};
    p.x = weights_.data();
    p.weight = weights_.data() + copy * kMaxWeights * 2;
    p.norm_weight = shape.norm ? weights_.data() : nullptr;
    p.residual = shape.residual ? weights_.data() : nullptr;
    p.num_rows = rows;
    p.in_size = shape.in_size;
    p.out_size = shape.out_size;
    p.epsilon = 1e-5f;
    p.gated = shape.gated;
    p.type = ElementType::kBFloat16;
    p.y = y_.data();
    return p;
  }

  // Compares with the first rows of a larger step, which goes through cuBLASLt.
  void CheckStream(const Shape& shape, int64_t rows) {
    LinearParams p = Params(shape, kMaxProductRows, 0);
    Linear(p, workspace_.data(), matmul_, nullptr);
    const std::vector<char> expected = FirstRows(shape, rows);
    Check(cudaMemset(y_.data(), 0xff, rows * shape.out_size * 2), "cudaMemset");
    p.num_rows = rows;
    Linear(p, workspace_.data(), matmul_, nullptr);
    const std::vector<char> actual = FirstRows(shape, rows);
    for (int64_t i = 0; i < rows * shape.out_size; ++i) {
      const float a = Decode(p.type, expected.data(), i), b = Decode(p.type, actual.data(), i);
      if (!(std::abs(a - b) <= 0.03f * (std::abs(a) + 0.3f))) {
        throw std::runtime_error(std::string(shape.name) + " differs at element " +
                                 std::to_string(i));
      }
    }
  }

  // The product alone through cuBLASLt.
  double MatmulSeconds(const Shape& shape, int64_t rows) {
    return SecondsPerLaunch(24, [&](int i, cudaStream_t stream) {
      const LinearParams p = Params(shape, rows, i % kCopies);
      matmul_.Multiply({p.x, p.weight, nullptr, p.residual, rows, p.in_size, p.WeightRows(), p.type,
                        workspace_.data()},
                       stream);
    });
  }

  double Seconds(const Shape& shape, int64_t rows) {
    return SecondsPerLaunch(rows > 1000 ? 4 : 24, [&](int i, cudaStream_t stream) {
      Linear(Params(shape, rows, i % kCopies), workspace_.data(), matmul_, stream);
    });
  }

  double LayerSeconds(int64_t rows) {
    return SecondsPerLaunch(8, [&](int i, cudaStream_t stream) {
      for (int shape_index = 0; shape_index < kLayerShapes; ++shape_index) {
        const Shape& shape = kShapes[shape_index];
        Linear(Params(shape, rows, (i + shape_index) % kCopies), workspace_.data(), matmul_,
               stream);
      }
    });
  }

 private:
  std::vector<char> FirstRows(const Shape& shape, int64_t rows) const {
    std::vector<char> to(rows * shape.out_size * 2);
    Check(cudaMemcpy(to.data(), y_.data(), to.size(), cudaMemcpyDeviceToHost), "copy of rows");
    return to;
  }

  const DeviceArray<char> weights_ = RandomWeights();  // also rows and residuals
  const DeviceArray<char> y_{kMaxRows * 32000 * 2};
  const DeviceArray<char> workspace_{kMaxRows * 3 * 14336 * 2};
  Matmul matmul_;
};

void Print(const char* name, int64_t rows, double seconds, const Shape& shape) {
  std::printf("%-26s %6ld %10.1f %8.2f %8.0f\n", name, rows, seconds * 1e6,
              shape.WeightCount() * 2 / seconds / 1e12,
              2.0 * rows * shape.WeightCount() / seconds / 1e12);
  std::fflush(stdout);
}

void Run(const std::vector<int64_t>& row_counts) {
  Bench bench;
  std::printf("card: copy %.0f GB/s, bf16 product %.0f TFLOP/s\n", CopyGigabytes(),
              GemmTeraflops());
  std::printf("%-26s %6s %10s %8s %8s\n", "product", "rows", "us", "TB/s", "TFLOP/s");
  for (const int64_t rows : row_counts) {
    for (const Shape& shape : kShapes) {
      if (CanStream(bench.Params(shape, rows, 0))) bench.CheckStream(shape, rows);
      Print(shape.name, rows, bench.Seconds(shape, rows), shape);
      if (rows <= kMaxProductRows) {
        Print("  cuBLASLt, product alone", rows, bench.MatmulSeconds(shape, rows), shape);
      }
    }
    double bytes = 0;
    for (int i = 0; i < kLayerShapes; ++i) bytes += kShapes[i].WeightCount() * 2.0;
    const double seconds = bench.LayerSeconds(rows);
    std::printf("%-26s %6ld %10.1f %8.2f\n", "all four", rows, seconds * 1e6,
                bytes / seconds / 1e12);
  }
}

}  // namespace
}  // namespace cacheblend::cuda

int main(int argc, char** argv) {
  try {
    std::vector<int64_t> rows;
    for (int i = 1; i < argc; ++i) rows.push_back(std::stoll(argv[i]));
    if (rows.empty()) rows = {1, 2, 4, 8, 16, 32, 33, 64, 105, 181, 335, 643, 1264, 8192};
    cacheblend::cuda::Run(rows);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
