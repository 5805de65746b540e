#pragma once

#include <gtest/gtest.h>

#include <string>

#include "kernels/cuda/partial_attention_plan.h"
#include "test/cuda/partial_attention_step.h"

// Checks of PartialAttention against double precision on the host.
namespace cacheblend::cuda {

inline const char* Name(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return "fp32";
    case ElementType::kFloat16:
      return "fp16";
    case ElementType::kBFloat16:
      return "bf16";
  }
  return "";
}

// Output of a step in double precision, and by a low-precision baseline that rounds scores, weights
// and output to the element type.
struct Expected {
  std::vector<double> exact;
  std::vector<float> plain;
};

// Of one KV head of a sequence: [positions, head_size].
struct DecodedKv {
  std::vector<float> keys, values;

  DecodedKv(const PagedStep& step, int s, int kv_head) {
    for (int64_t position = 0; position < step.HostRows()[s].position_end; ++position) {
      for (int d = 0; d < step.shape().head_size; ++d) {
        keys.push_back(step.Key(s, kv_head, position, d));
        values.push_back(step.Value(s, kv_head, position, d));
      }
    }
  }
};

inline void AttendHead(const PagedStep& step, int64_t row, int head, const DecodedKv& kv,
                       Expected* expected) {
  const StepShape& shape = step.shape();
  const int size = shape.head_size;
  const int64_t first = step.FirstKey(row), count = step.Position(row) + 1 - first;
  std::vector<float> query(size);
  for (int d = 0; d < size; ++d) query[d] = step.Query(row, head, d);
  std::vector<double> exact(count);
  std::vector<float> plain(count);
  for (int64_t i = 0; i < count; ++i) {
    const float* key = &kv.keys[(first + i) * size];
    double dot = 0;
    for (int d = 0; d < size; ++d) dot += double{query[d]} * key[d];
    exact[i] = step.Score(dot);
    plain[i] = Rounded(shape.type, static_cast<float>(exact[i]));
  }
  const double maximum = *std::max_element(exact.begin(), exact.end());
  const float plain_maximum = *std::max_element(plain.begin(), plain.end());
  double sum = 0;
  float plain_sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += exact[i] = std::exp(exact[i] - maximum);
    plain_sum += plain[i] = std::exp(plain[i] - plain_maximum);
  }
  std::vector<double> out(size);
  std::vector<float> plain_out(size);
  for (int64_t i = 0; i < count; ++i) {
    const float* value = &kv.values[(first + i) * size];
    const double weight = exact[i] / sum;
    const float plain_weight = Rounded(shape.type, plain[i] / plain_sum);
    for (int d = 0; d < size; ++d) {
      out[d] += weight * value[d];
      plain_out[d] += plain_weight * value[d];
    }
  }
  expected->exact.insert(expected->exact.end(), out.begin(), out.end());
  for (const float x : plain_out) expected->plain.push_back(Rounded(shape.type, x));
}

inline Expected Expect(const PagedStep& step) {
  Expected expected;
  std::vector<DecodedKv> kv;  // of the row's sequence, by KV head
  int decoded = -1;
  for (int64_t row = 0; row < step.Rows(); ++row) {
    const int s = step.SequenceOf(row);
    if (s != decoded) {
      kv.clear();
      for (int head = 0; head < step.shape().kv_heads; ++head) kv.emplace_back(step, s, head);
      decoded = s;
    }
    for (int head = 0; head < step.shape().Heads(); ++head) {
      AttendHead(step, row, head, kv[head / step.shape().group], &expected);
    }
  }
  return expected;
}

struct Errors {
  double largest = 0, squares = 0;
};

template <typename Out>
Errors ErrorsOf(const std::vector<Out>& out, const std::vector<double>& exact) {
  Errors errors;
  for (size_t i = 0; i < exact.size(); ++i) {
    const double error = std::abs(out[i] - exact[i]);
    // Keeps NaN.
    errors.largest = errors.largest >= error ? errors.largest : error;
    errors.squares += error * error;
  }
  return errors;
}

// At most twice the error of the low-precision baseline, in RMS and at maximum. Scores with a soft
// cap have the error of tanh, 2^-23, times the cap.
inline void ExpectAccurate(const std::vector<float>& out, const Expected& expected,
                           float soft_cap) {
  ASSERT_EQ(out.size(), expected.exact.size());
  const Errors errors = ErrorsOf(out, expected.exact);
  const Errors plain = ErrorsOf(expected.plain, expected.exact);
  EXPECT_LE(errors.largest, 2 * plain.largest + 2e-6 + std::ldexp(soft_cap, -23));
  EXPECT_LE(std::sqrt(errors.squares),
            2 * std::sqrt(plain.squares) + 1e-6 * std::sqrt(static_cast<double>(out.size())));
}

// Rounding of the output to nearest, plus fp32 accumulation. A soft cap multiplies the error of
// tanh.
inline double ReferenceTolerance(ElementType type, float soft_cap, double exact) {
  const double unit = type == ElementType::kBFloat16  ? std::ldexp(1, -8)
                      : type == ElementType::kFloat16 ? std::ldexp(1, -11)
                                                      : 0;
  return unit * std::abs(exact) + 4e-6 * (1 + std::abs(exact)) + 5e-7 * soft_cap;
}

inline void ExpectReferenceAccurate(const std::vector<float>& out, const Expected& expected,
                                    const StepShape& shape) {
  ASSERT_EQ(out.size(), expected.exact.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const double exact = expected.exact[i];
    ASSERT_TRUE(std::abs(out[i] - exact) <= ReferenceTolerance(shape.type, shape.soft_cap, exact))
        << "element " << i << ": " << out[i] << ", expected " << exact;
  }
}

// The chosen plan and all others that this GPU supports.
inline std::vector<AttentionPlan> Plans(const PagedStep& step) {
  const PartialAttentionParams params = step.Params();
  const GpuTraits gpu = CurrentGpu();
  std::vector<AttentionPlan> plans = {PlanAttention(params, gpu)};
  for (AttentionKernel kernel :
       {AttentionKernel::kMma, AttentionKernel::kDecode, AttentionKernel::kSm90}) {
    if (kernel == AttentionKernel::kSm90 && !CanRunSm90(params, gpu)) continue;
    for (int splits : {1, 2, 3, 40}) {
      if (splits <= MaxSplits(params)) plans.push_back({kernel, splits});
    }
  }
  return plans;
}

template <typename Body>
void ForEachPlan(const PagedStep& step, const Body& body) {
  for (const AttentionPlan& plan : Plans(step)) {
    SCOPED_TRACE("kernel " + std::to_string(static_cast<int>(plan.kernel)) + ", splits " +
                 std::to_string(plan.splits));
    body([&](const PartialAttentionParams& params, cudaStream_t stream) {
      RunPlan(params, plan, stream);
    });
    if (testing::Test::HasFailure()) return;
  }
}

// PartialAttention where the host knows the rows.
inline void AttendBatch(const PagedStep& step, PartialAttentionParams params, cudaStream_t stream) {
  params.rows = step.HostRows().data();
  PartialAttention(params, stream);
}

inline void CheckStep(const PagedStep& step) {
  const Expected expected = Expect(step);
  const float soft_cap = step.shape().soft_cap;
  ExpectAccurate(step.Run([&](const PartialAttentionParams& params, cudaStream_t stream) {
    AttendBatch(step, params, stream);
  }),
                 expected, soft_cap);
  ExpectReferenceAccurate(step.Run(PartialAttentionReference), expected, step.shape());
  ExpectAccurate(step.Run(PartialAttention), expected, soft_cap);
  if (step.shape().type == ElementType::kFloat32) return;
  ForEachPlan(step,
              [&](const auto& launch) { ExpectAccurate(step.Run(launch), expected, soft_cap); });
}

// A suite that runs its tests with each element type.
class PartialAttentionTypeTest : public testing::TestWithParam<ElementType> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }
};

}  // namespace cacheblend::cuda
