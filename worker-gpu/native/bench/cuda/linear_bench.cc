// Linear in the shapes of Mistral-7B: checks against cuBLASLt, then times, plans of tiles one by
// one beside cuBLASLt. Each launch reads other weights than the one before.

#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/cuda/card_rates.h"
#include "bench/cuda/timing.h"
#include "kernels/cuda/gated_silu.h"
#include "kernels/cuda/linear.h"
#include "kernels/cuda/once_per_device.h"
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
                             {"down", 14336, 4096, false, true, false}};
// More weights than the second-level cache holds.
constexpr int kCopies = 4;
constexpr int64_t kMostWeights = int64_t{4096} * 2 * 14336, kMostRows = 8192;

// The same random weights several times.
DeviceArray<char> RandomWeights() {
  std::minstd_rand random(1);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> some(1 << 16);
  for (float& x : some) x = normal(random);
  std::vector<char> bytes(kMostWeights * 2);
  for (int64_t i = 0; i < kMostWeights; ++i) {
    Encode(ElementType::kBFloat16, some[i * 7919 % some.size()], bytes.data(), i);
  }
  DeviceArray<char> weights(kCopies * kMostWeights * 2);
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
    p.weight = weights_.data() + copy * kMostWeights * 2;
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

  // As Linear multiplies where it has no kernel of its own; norms apart.
  void Multiply(const LinearParams& p, cudaStream_t stream) {
    void* const product = p.gated ? workspace_.data() : p.y;
    matmul_.Multiply({p.x, p.weight, nullptr, p.residual, p.num_rows, p.in_size, p.WeightRows(),
                      p.type, product},
                     stream);
    if (p.gated) GatedSilu({product, p.num_rows, p.out_size, p.type, p.y}, stream);
  }

  std::vector<char> Computed(LinearParams p, const std::function<void(LinearParams)>& compute) {
    y_.Fill(0xff);
    compute(p);
    Check(cudaDeviceSynchronize(), "product");
    std::vector<char> host(p.num_rows * p.out_size * 2);
    Check(cudaMemcpy(host.data(), y_.data(), host.size(), cudaMemcpyDeviceToHost), "copy");
    return host;
  }

  static void Expect(const Shape& shape, const LinearParams& p, const std::vector<char>& expected,
                     const std::vector<char>& actual) {
    for (int64_t i = 0; i < p.num_rows * p.out_size; ++i) {
      const float a = Decode(p.type, expected.data(), i), b = Decode(p.type, actual.data(), i);
      if (!(std::abs(a - b) <= 0.03f * (std::abs(a) + 0.3f))) {
        throw std::runtime_error(std::string(shape.name) + " is wrong at " + std::to_string(i));
      }
    }
  }

  void CheckStream(const Shape& shape, int64_t rows) {
    LinearParams p = Params(shape, rows, 0);
    p.norm_weight = nullptr;
    Expect(shape, p, Computed(p, [&](auto q) { Multiply(q, nullptr); }),
           Computed(p, [&](auto q) { StreamLinear(q, nullptr); }));
  }

  // Of a gated product.
  void ComparePlans(const Shape& shape, int64_t rows) {
    LinearParams p = Params(shape, rows, 0);
    p.norm_weight = nullptr;
    const auto expected = Computed(p, [&](auto q) { Multiply(q, nullptr); });
    const auto print = [&](const char* how,
                           const std::function<void(LinearParams, cudaStream_t)>& compute) {
      const double seconds =
          SecondsPerLaunch(rows > 1000 ? 4 : 24, [&](int i, cudaStream_t stream) {
            p.weight = Params(shape, rows, i % kCopies).weight;
            compute(p, stream);
          });
      std::printf("%-18s %6ld %-24s %10.1f %8.0f\n", shape.name, rows, how, seconds * 1e6,
                  2.0 * rows * shape.WeightCount() / seconds / 1e12);
    };
    print("cuBLASLt", [&](auto q, auto stream) { Multiply(q, stream); });
    const TilePlan chosen = PlanTiles(p.Tiled(), Multiprocessors());
    for (const TilePair pair : {TilePair::kRows, TilePair::kColumns}) {
      for (const int columns : {128, 112}) {
        const TilePlan plan = {pair, columns};
        Expect(shape, p, expected, Computed(p, [&](auto q) { TileLinear(q, plan, nullptr); }));
        const std::string name = (pair == TilePair::kRows ? "row pairs, " : "column pairs, ") +
                                 std::to_string(columns) +
                                 (pair == chosen.pair && columns == chosen.columns ? " *" : "");
        print(name.c_str(), [&](auto q, auto stream) { TileLinear(q, plan, stream); });
      }
    }
  }

  double Seconds(const Shape& shape, int64_t rows) {
    return SecondsPerLaunch(rows > 1000 ? 4 : 24, [&](int i, cudaStream_t stream) {
      Linear(Params(shape, rows, i % kCopies), workspace_.data(), matmul_, stream);
    });
  }

  double LayerSeconds(int64_t rows) {
    return SecondsPerLaunch(8, [&](int i, cudaStream_t stream) {
      for (const Shape& shape : kShapes) {
        Linear(Params(shape, rows, i % kCopies), workspace_.data(), matmul_, stream);
      }
    });
  }

 private:
  const DeviceArray<char> weights_ = RandomWeights();  // rows and residuals, too
  const DeviceArray<char> y_{kMostRows * 14336 * 2};
  const DeviceArray<char> workspace_{kMostRows * 3 * 14336 * 2};
  Matmul matmul_;
};

void Run(bool plans) {
  Bench bench;
  std::printf("card: copy %.0f GB/s, bf16 product %.0f TFLOP/s\n", CopyGigabytes(),
              GemmTeraflops());
  if (plans) {
    std::printf("%-18s %6s %-24s %10s %8s\n", "product", "rows", "", "us", "TFLOP/s");
    for (const int64_t rows : {104, 181, 335, 512, 640, 1264, 2048, 4096, 8192}) {
      for (const Shape& shape : kShapes) {
        if (shape.gated) bench.ComparePlans(shape, rows);
      }
    }
    return;
  }
  std::printf("%-18s %6s %10s %8s %8s\n", "product", "rows", "us", "TB/s", "TFLOP/s");
  for (const int64_t rows : {1, 2, 4, 104, 181, 335, 640, 1264, 8192}) {
    double bytes = 0;
    for (const Shape& shape : kShapes) {
      if (CanStream(bench.Params(shape, rows, 0))) bench.CheckStream(shape, rows);
      const double seconds = bench.Seconds(shape, rows);
      std::printf("%-18s %6ld %10.1f %8.2f %8.0f\n", shape.name, rows, seconds * 1e6,
                  shape.WeightCount() * 2 / seconds / 1e12,
                  2.0 * rows * shape.WeightCount() / seconds / 1e12);
      bytes += shape.WeightCount() * 2.0;
    }
    const double seconds = bench.LayerSeconds(rows);
    std::printf("%-18s %6ld %10.1f %8.2f %8.0f\n", "all four in a row", rows, seconds * 1e6,
                bytes / seconds / 1e12, rows * bytes / seconds / 1e12);
  }
}

}  // namespace
}  // namespace cacheblend::cuda

int main(int argc, char** argv) {
  try {
    cacheblend::cuda::Run(argc > 1 && std::string(argv[1]) == "--plans");
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
