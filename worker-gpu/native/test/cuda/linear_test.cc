#include "kernels/cuda/linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

// Elements in device memory, and their values on the host.
class Matrix {
 public:
  Matrix(ElementType type, int64_t count, double scale, std::minstd_rand& random)
      : type_(type), bytes_(count * ElementBytes(type)) {
    std::normal_distribution<float> normal(0, static_cast<float>(scale));
    for (int64_t i = 0; i < count; ++i) Encode(type, normal(random), bytes_.data(), i);
    device_ = DeviceArray<char>(bytes_);
  }
  double operator[](int64_t i) const { return Decode(type_, bytes_.data(), i); }
  const void* device() const { return device_.data(); }

 private:
  ElementType type_;
  std::vector<char> bytes_;
  DeviceArray<char> device_{0};
};

struct Variant {
  const char* name;
  bool bias, norm, residual, gated;
  Gate gate = Gate::kSilu;
  float norm_offset = 0;
};

struct Case {
  int64_t rows, in_size, out_size;
};

double Unit(ElementType type) { return type == ElementType::kFloat16 ? 0x1p-11 : 0x1p-8; }

class CudaLinearTest : public testing::TestWithParam<std::tuple<ElementType, Variant>> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }

  static std::vector<char> Run(LinearParams p, Matmul& matmul) {
    const DeviceArray<char> workspace(LinearWorkspaceBytes(p));
    const DeviceArray<char> y(p.num_rows * p.out_size * ElementBytes(p.type));
    y.Fill(0xff);
    p.y = y.data();
    Linear(p, workspace.data(), matmul, nullptr);
    Check(cudaDeviceSynchronize(), "Linear");
    return y.ToHost();
  }
};

// A sum, the sum of absolute terms, to which its fp32 error is proportional, and the sum of
// absolute partial sums of 64 terms.
struct Sum {
  double value = 0, size = 0, parts = 0;
  void Add(double term) {
    value += term;
    size += std::abs(term);
    part_ += term;
    if (++count_ % 64 == 0) EndPart();
  }
  void EndPart() {
    parts += std::abs(part_);
    part_ = 0;
  }

 private:
  double part_ = 0;
  int64_t count_ = 0;
};

double Activated(Gate gate, double x) {
  if (gate == Gate::kSilu) return x / (1 + std::exp(-x));
  return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

// The definition in linear.h in double precision, with the normed row rounded to the type.
class Reference {
 public:
  Reference(const LinearParams& p, const Matrix& x, const Matrix& weight, const Matrix& bias,
            const Matrix& norm)
      : p_(p), x_(x), weight_(weight), bias_(bias), norm_(norm) {}

  std::vector<double> Row(int64_t row) const {
    std::vector<double> to(p_.in_size);
    double squares = 0;
    for (int64_t i = 0; i < p_.in_size; ++i) {
      to[i] = x_[row * p_.in_size + i];
      squares += to[i] * to[i];
    }
    if (p_.norm_weight == nullptr) return to;
    const double scale = 1 / std::sqrt(squares / p_.in_size + p_.epsilon);
    for (int64_t i = 0; i < p_.in_size; ++i) {
      to[i] = Rounded(p_.type, static_cast<float>(to[i] * scale * (norm_[i] + p_.norm_offset)));
    }
    return to;
  }

  Sum Column(const std::vector<double>& row, int64_t column) const {
    Sum sum;
    for (int64_t i = 0; i < p_.in_size; ++i) sum.Add(row[i] * weight_[column * p_.in_size + i]);
    if (p_.bias != nullptr) sum.Add(bias_[column]);
    sum.EndPart();
    return sum;
  }

 private:
  const LinearParams& p_;
  const Matrix &x_, &weight_, &bias_, &norm_;
};

// Random tensors and parameters of a case.
struct Given {
  Given(ElementType type, const Variant& variant, const Case& sizes, std::minstd_rand& random)
      : x(type, sizes.rows * sizes.in_size, 1, random),
        norm(type, sizes.in_size, 1, random),
        weight(type, WeightRows(variant, sizes) * sizes.in_size, 1 / std::sqrt(sizes.in_size),
               random),
        bias(type, WeightRows(variant, sizes), 1, random),
        residual(type, sizes.rows * sizes.out_size, 1, random) {
    p.x = x.device();
    p.weight = weight.device();
    p.bias = variant.bias ? bias.device() : nullptr;
    p.norm_weight = variant.norm ? norm.device() : nullptr;
    p.residual = variant.residual ? residual.device() : nullptr;
    p.num_rows = sizes.rows;
    p.in_size = sizes.in_size;
    p.out_size = sizes.out_size;
    p.epsilon = 1e-2f;  // large enough to matter
    p.norm_offset = variant.norm_offset;
    p.gated = variant.gated;
    p.gate = variant.gate;
    p.type = type;
  }
  static int64_t WeightRows(const Variant& variant, const Case& sizes) {
    return (variant.gated ? 2 : 1) * sizes.out_size;
  }

  // Checks every `row_step`-th row of y.
  void ExpectRows(const std::vector<char>& y, int64_t row_step) const {
    const Reference reference(p, x, weight, bias, norm);
    const double unit = Unit(p.type), fp32 = 1e-6;
    for (int64_t r = 0; r < p.num_rows; r += row_step) {
      const std::vector<double> row = reference.Row(r);
      // Elements of the normed row may round differently.
      const double flipped = p.norm_weight ? 2 * unit * 8 / std::sqrt(p.in_size) : 0;
      // cuBLASLt may round partial sums of divided products to the type of y.
      const double split = p.num_rows == 1 && CanStream(p) ? 0 : unit;
      const auto bound = [&](const Sum& sum) {
        return fp32 * sum.size + flipped + split * sum.parts;
      };
      for (int64_t c = 0; c < p.out_size; ++c) {
        const Sum first = reference.Column(row, c);
        double expected = first.value, error = bound(first);
        if (p.gated) {
          const Sum second = reference.Column(row, p.out_size + c);
          const double gate = Activated(p.gate, first.value);
          expected = gate * second.value;
          // With cuBLASLt, gate and up are rounded once more.
          error = (error + unit * std::abs(first.value)) * 1.2 * std::abs(second.value) +
                  (bound(second) + unit * std::abs(second.value)) * std::abs(gate);
        }
        if (p.residual != nullptr) expected += residual[r * p.out_size + c];
        ASSERT_NEAR(expected, Decode(p.type, y.data(), r * p.out_size + c),
                    error + 1.01 * unit * std::abs(expected) + 1e-6)
            << "row " << r << " column " << c << " of " << p.num_rows << " x " << p.in_size
            << " to " << p.out_size;
      }
    }
  }

  const Matrix x, norm, weight, bias, residual;
  LinearParams p{};
};

TEST_P(CudaLinearTest, EqualsReference) {
  const auto& [type, variant] = GetParam();
  std::minstd_rand random(20261122);
  Matmul matmul;
  for (const Case& sizes :
       {Case{1, 64, 48}, Case{1, 4104, 37}, Case{2, 200, 33}, Case{3, 1024, 5}, Case{4, 2056, 70},
        Case{1, 8, 2200}, Case{5, 64, 48}, Case{9, 20, 24}, Case{104, 96, 40}, Case{2, 40000, 8},
        Case{7, 64, 33}, Case{33, 1024, 264}, Case{2, 14336, 128}, Case{65, 64, 48},
        Case{6, 4096, 16}, Case{6, 5000, 16}, Case{6, 9000, 8}, Case{6, 17000, 8}}) {
    const Given given(type, variant, sizes, random);
    given.ExpectRows(Run(given.p, matmul), 1);
    if (HasFatalFailure()) return;
  }
}

// Also where cuBLASLt divides the columns of x.
TEST_P(CudaLinearTest, MatmulEqualsReference) {
  const auto& [type, variant] = GetParam();
  if (variant.norm || variant.gated) return;
  std::minstd_rand random(20261201);
  Matmul matmul;
  for (const int64_t rows : {2, 4, 8, 16, 33, 64, 104}) {
    for (const Case& sizes :
         {Case{rows, 2056, 70}, Case{rows, 4096, 264}, Case{rows, 14336, 128}}) {
      const Given given(type, variant, sizes, random);
      const LinearParams& p = given.p;
      const DeviceArray<char> y(rows * p.out_size * ElementBytes(type));
      y.Fill(0xff);
      matmul.Multiply(
          {p.x, p.weight, p.bias, p.residual, rows, p.in_size, p.out_size, type, y.data()},
          nullptr);
      Check(cudaDeviceSynchronize(), "Matmul");
      given.ExpectRows(y.ToHost(), 5);
      if (HasFatalFailure()) return;
    }
  }
}

// Long steps of similar size share the plans of cuBLASLt; short steps have plans of their own.
TEST_P(CudaLinearTest, RowCountsOfABucketShareAPlan) {
  const auto& [type, variant] = GetParam();
  std::minstd_rand random(20261124);
  Matmul matmul;
  const auto run = [&](int64_t rows) {
    const Given given(type, variant, {rows, 256, 40}, random);
    given.ExpectRows(Run(given.p, matmul), 37);
  };
  for (int64_t rows : {4093, 4094, 4095, 4096}) {
    run(rows);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(2u, matmul.plan_count());
  for (int64_t rows : {71, 72}) {
    run(rows);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(4u, matmul.plan_count());
}

TEST_P(CudaLinearTest, StreamsFewRowsFromComputeCapability9) {
  const auto& [type, variant] = GetParam();
  int device = 0, major = 0;
  Check(cudaGetDevice(&device), "cudaGetDevice");
  Check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "capability");
  LinearParams p{};
  p.in_size = 4096;
  p.out_size = 4096;
  p.gated = variant.gated;
  p.type = type;
  for (p.num_rows = 1; p.num_rows <= 4; ++p.num_rows) {
    EXPECT_EQ(major >= 9, CanStream(p)) << p.num_rows;
  }
  EXPECT_FALSE(CanStream(p));  // five rows
  p.num_rows = 1;
  p.in_size = 4100;
  EXPECT_FALSE(CanStream(p));  // unaligned weight rows
}

// Kernels start before their predecessors complete; results must not depend on it.
TEST_P(CudaLinearTest, WaitsForThePrecedingKernel) {
  const auto& [type, variant] = GetParam();
  constexpr int64_t kSize = 1024, kSteps = 100, kMaxRows = 130;
  std::minstd_rand random(20261123);
  Matmul matmul;
  const Matrix x(type, kMaxRows * kSize, 1, random), norm(type, kSize, 1, random);
  const Matrix weight(type, 2 * kSize * kSize, 0.5 / std::sqrt(kSize), random);
  const Matrix bias(type, 2 * kSize, 0.1, random), residual(type, kMaxRows * kSize, 0.1, random);
  // Row counts of the streaming kernel and of cuBLASLt.
  for (const int64_t rows : {int64_t{1}, int64_t{5}, int64_t{33}, kMaxRows}) {
    std::vector<char> all[2];
    for (const bool synchronized : {false, true}) {
      // One output per step, NaN until it is written.
      const DeviceArray<char> y(kSteps * rows * kSize * ElementBytes(type));
      y.Fill(0xff);
      LinearParams p{};
      p.weight = weight.device();
      p.bias = variant.bias ? bias.device() : nullptr;
      p.norm_weight = variant.norm ? norm.device() : nullptr;
      p.residual = variant.residual ? residual.device() : nullptr;
      p.num_rows = rows;
      p.in_size = p.out_size = kSize;
      p.epsilon = 1e-5f;
      p.norm_offset = variant.norm_offset;
      p.gated = variant.gated;
      p.gate = variant.gate;
      p.type = type;
      p.x = x.device();
      const DeviceArray<char> workspace(LinearWorkspaceBytes(p));
      for (int step = 0; step < kSteps; ++step) {
        p.y = y.data() + step * rows * kSize * ElementBytes(type);
        Linear(p, workspace.data(), matmul, nullptr);
        p.x = p.y;
        if (synchronized) Check(cudaDeviceSynchronize(), "Linear");
      }
      Check(cudaDeviceSynchronize(), "Linear");
      all[synchronized] = y.ToHost();
    }
    for (int64_t i = 0; i < kSteps * rows * kSize; ++i) {
      ASSERT_FALSE(std::isnan(Decode(type, all[0].data(), i))) << i << " of " << rows << " rows";
    }
    EXPECT_TRUE(all[0] == all[1]) << rows << " rows";
  }
}

std::string NameOf(const testing::TestParamInfo<std::tuple<ElementType, Variant>>& info) {
  return std::string(std::get<0>(info.param) == ElementType::kFloat16 ? "fp16_" : "bf16_") +
         std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(
    All, CudaLinearTest,
    testing::Combine(
        testing::Values(ElementType::kFloat16, ElementType::kBFloat16),
        testing::Values(Variant{"plain", false, false, false, false},
                        Variant{"bias", true, false, false, false},
                        Variant{"norm", false, true, false, false},
                        Variant{"residual", false, false, true, false},
                        Variant{"gated", false, false, false, true},
                        Variant{"norm_bias_residual", true, true, true, false},
                        Variant{"norm_bias_gated", true, true, false, true},
                        Variant{"gelu_gated", false, true, false, true, Gate::kGeluTanh},
                        Variant{"zero_centered_norm", false, true, false, false, Gate::kSilu, 1})),
    NameOf);

}  // namespace
}  // namespace cacheblend::cuda
