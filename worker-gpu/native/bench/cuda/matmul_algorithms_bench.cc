// Times every algorithm that cuBLASLt's heuristic names for the products of a step of few rows, in
// the shapes of Mistral-7B. Successive launches read different weights.
//
//   matmul_algorithms_bench [rows...]
//
// Columns: the row count for which the heuristic is asked, the position of the algorithm in its
// answer, time, rate of the weights, and the configuration: algorithm id, tile, stages, splits of
// the sum, cluster. The heuristic is asked for other row counts, too, because its first choice for
// these can be faster. Lines: its first choice ("now"; "asks" for other row counts), then the
// fastest algorithms.

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "bench/cuda/timing.h"
#include "kernels/cuda/cublas_lt.h"
#include "kernels/cuda/matmul.h"
#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

using namespace cublas_lt;

struct Shape {
  const char* name;
  int64_t in_size, out_size;
  bool residual;
};

constexpr Shape kShapes[] = {{"qkv", 4096, 6144, false},
                             {"attention output", 4096, 4096, true},
                             {"gate and up", 4096, 28672, false},
                             {"down", 14336, 4096, true},
                             {"logits", 4096, 32000, false}};
constexpr int kCopies = 4;  // more weights than fit in L2
constexpr int64_t kMaxRows = 1024;
constexpr int64_t kMaxWeights = int64_t{4096} * 32000;
constexpr int kMaxAlgorithms = 40, kPrinted = 6;
constexpr uint64_t kWorkspaceBytes = 32 << 20;

using GetConfig = int (*)(const Algorithm*, int attribute, void* value, size_t bytes, size_t* got);

void Expect(int status, const char* what) {
  if (status != 0) throw MatmulError(std::string(what) + " returned " + std::to_string(status));
}

std::vector<char> RandomBytes(int64_t count) {
  std::minstd_rand random(1);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> some(1 << 16);
  for (float& x : some) x = normal(random);
  std::vector<char> bytes(count * 2);
  for (int64_t i = 0; i < count; ++i) {
    Encode(ElementType::kBFloat16, some[i * 7919 % some.size()], bytes.data(), i);
  }
  return bytes;
}

struct Timing {
  double seconds;
  int64_t asked_rows;
  int position;
  std::string config;
};

class Bench {
 public:
  Bench() : library_(LoadedLibrary()) {
    Expect(library_.create(&handle_), "cublasLtCreate");
    *reinterpret_cast<void**>(&config_) =
        dlsym(RTLD_DEFAULT, "cublasLtMatmulAlgoConfigGetAttribute");
    void* const lib = dlopen("libcublasLt.so.13", RTLD_NOW | RTLD_NOLOAD);
    void* const older = lib != nullptr ? lib : dlopen("libcublasLt.so.12", RTLD_NOW | RTLD_NOLOAD);
    if (config_ == nullptr && older != nullptr) {
      *reinterpret_cast<void**>(&config_) = dlsym(older, "cublasLtMatmulAlgoConfigGetAttribute");
    }
    const std::vector<char> bytes = RandomBytes(kMaxWeights);
    for (int copy = 0; copy < kCopies; ++copy) {
      Check(cudaMemcpy(weights_.data() + copy * kMaxWeights * 2, bytes.data(), kMaxWeights * 2,
                       cudaMemcpyHostToDevice),
            "copy of weights");
    }
  }

  void Time(const Shape& shape, int64_t rows) {
    std::vector<Timing> timings;
    for (int64_t asked : {rows, int64_t{16}, int64_t{32}, int64_t{64}, int64_t{96}, int64_t{128}}) {
      if (asked != rows && (asked < rows || asked > 4 * rows)) continue;
      for (const Timing& timing : TimeAsked(shape, rows, asked)) timings.push_back(timing);
    }
    for (const Timing& t : timings) {
      if (t.position == 0) Print(shape, rows, t.asked_rows == rows ? "now" : "asks", t);
    }
    std::sort(timings.begin(), timings.end(),
              [](const Timing& a, const Timing& b) { return a.seconds < b.seconds; });
    for (int i = 0; i < kPrinted && i < static_cast<int>(timings.size()); ++i) {
      Print(shape, rows, "", timings[i]);
    }
  }

 private:
  static void Print(const Shape& shape, int64_t rows, const char* mark, const Timing& t) {
    std::printf("%-17s %5ld %4s %5ld %3d %8.1f %6.2f  %s\n", shape.name, rows, mark, t.asked_rows,
                t.position, t.seconds * 1e6, shape.in_size * shape.out_size * 2 / t.seconds / 1e12,
                t.config.c_str());
    std::fflush(stdout);
  }

  std::string Config(const Algorithm& algorithm) const {
    if (config_ == nullptr) return "";
    std::string text;
    for (const auto& [name, attribute] : {std::pair{"id", 0},
                                          {"tile", 1},
                                          {"stages", 6},
                                          {"splits", 2},
                                          {"reduction", 3},
                                          {"cluster", 8},
                                          {"custom", 5}}) {
      uint64_t value = 0;
      size_t got = 0;
      const size_t bytes = attribute == 8 ? 2 : 4;
      if (config_(&algorithm, attribute, &value, bytes, &got) != 0) continue;
      text += std::string(text.empty() ? "" : " ") + name + " " + std::to_string(value);
    }
    return text;
  }

  Descriptor Matrix(int64_t rows, int64_t columns) const {
    Descriptor made;
    Expect(library_.matrix_create(&made, CUDA_R_16BF, rows, columns, rows), "layout");
    return made;
  }

  std::vector<Timing> TimeAsked(const Shape& shape, int64_t rows, int64_t asked) {
    Descriptor matmul, preference;
    Expect(library_.matmul_create(&matmul, kComputeFloat32, CUDA_R_32F), "matmul");
    const int32_t transposed = kTransposed;
    Expect(library_.matmul_set(matmul, kTransposeA, &transposed, sizeof transposed), "transpose");
    Expect(library_.preference_create(&preference), "preference");
    Expect(library_.preference_set(preference, kMaxWorkspaceBytes, &kWorkspaceBytes,
                                   sizeof kWorkspaceBytes),
           "workspace");
    const Descriptor weight = Matrix(shape.in_size, shape.out_size);
    const Descriptor x = Matrix(shape.in_size, asked), y = Matrix(shape.out_size, asked);
    std::vector<Heuristic> found(kMaxAlgorithms);
    int count = 0;
    Expect(library_.heuristic(handle_, matmul, weight, x, y, y, preference, kMaxAlgorithms,
                              found.data(), &count),
           "heuristic");
    const auto columns = static_cast<uint64_t>(rows);
    for (Descriptor matrix : {x, y}) {
      Expect(library_.matrix_set(matrix, kColumns, &columns, sizeof columns), "columns");
    }
    std::vector<Timing> timings;
    const float one = 1, beta = shape.residual ? 1 : 0;
    for (int i = 0; i < count; ++i) {
      if (found[i].status != 0) continue;
      const auto launch = [&](int n, cudaStream_t stream) {
        const char* const w = weights_.data() + n % kCopies * kMaxWeights * 2;
        Expect(library_.multiply(handle_, matmul, &one, w, weight, weights_.data(), x, &beta,
                                 shape.residual ? weights_.data() : y_.data(), y, y_.data(), y,
                                 &found[i].algorithm, workspace_.data(), kWorkspaceBytes, stream),
               "cublasLtMatmul");
      };
      try {
        timings.push_back({SecondsPerLaunch(24, launch), asked, i, Config(found[i].algorithm)});
      } catch (const MatmulError&) {
        // Not for this row count.
        cudaGetLastError();
      }
    }
    for (Descriptor matrix : {weight, x, y}) library_.matrix_destroy(matrix);
    library_.preference_destroy(preference);
    library_.matmul_destroy(matmul);
    return timings;
  }

  const Library& library_;
  Handle handle_ = nullptr;
  GetConfig config_ = nullptr;
  const DeviceArray<char> weights_{kCopies * kMaxWeights * 2};  // also rows and residuals
  const DeviceArray<char> y_{kMaxRows * 32000 * 2};
  const DeviceArray<char> workspace_{static_cast<int64_t>(kWorkspaceBytes)};
};

}  // namespace
}  // namespace cacheblend::cuda

int main(int argc, char** argv) {
  using namespace cacheblend::cuda;
  try {
    std::vector<int64_t> rows;
    for (int i = 1; i < argc; ++i) rows.push_back(std::atoll(argv[i]));
    if (rows.empty()) rows = {8, 16, 32, 33, 48, 64, 105};
    Bench bench;
    std::printf("%-17s %5s %4s %5s %3s %8s %6s\n", "product", "rows", "", "asked", "no", "us",
                "TB/s");
    for (const int64_t count : rows) {
      for (const Shape& shape : kShapes) bench.Time(shape, count);
    }
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
