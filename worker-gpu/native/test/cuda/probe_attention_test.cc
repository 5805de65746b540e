#include "kernels/cuda/probe_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "test/cuda/partial_attention_step.h"

namespace cacheblend::cuda {
namespace {

// The sequence `sequence` of a step probes with its last `queries` rows.
struct Probed {
  int sequence;
  int64_t queries;
};

class CudaProbeAttentionTest : public testing::TestWithParam<ElementType> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }

  // Masses of all probes: [probe][kv_heads][key_end + kTail], from 0.25 on.
  static constexpr int64_t kTail = 3;

  template <typename Launch>
  static std::vector<float> Run(const PagedStep& step, const std::vector<Probed>& probed,
                                const Launch& launch) {
    const PartialAttentionParams attention = step.Params();
    ProbeAttentionParams params{};
    params.q = attention.q;
    params.positions = attention.positions;
    params.row_offsets = attention.row_offsets;
    params.kv = attention.kv;
    params.block_tables = attention.block_tables;
    params.tables = attention.tables;
    params.num_sequences = attention.num_sequences;
    params.num_heads = attention.num_heads;
    params.window = attention.window;
    params.scale = attention.scale;
    params.soft_cap = attention.soft_cap;
    std::vector<DeviceArray<float>> masses;
    std::vector<ProbeAttentionParams::Probe> probes;
    int queries = 0;
    for (const Probed& p : probed) {
      const int64_t key_end = KeyEnd(step, p), stride = key_end + kTail;
      masses.emplace_back(std::vector<float>(step.shape().kv_heads * stride, 0.25f));
      probes.push_back({masses.back().data(), stride, p.sequence, static_cast<int>(key_end),
                        static_cast<int>(p.queries), queries, Weight(step, p)});
      queries += static_cast<int>(p.queries);
    }
    params.probes = probes.data();
    params.num_probes = static_cast<int>(probes.size());
    const DeviceArray<char> workspace(
        std::max<int64_t>(ProbeAttentionWorkspaceBytes(params), 8 * queries * params.num_heads));
    workspace.Fill(0xff);
    params.workspace = workspace.data();
    launch(params, nullptr);
    Check(cudaDeviceSynchronize(), "ProbeAttention");
    std::vector<float> all;
    for (const auto& m : masses) {
      const std::vector<float> host = m.ToHost();
      all.insert(all.end(), host.begin(), host.end());
    }
    return all;
  }

  static int64_t LastRow(const PagedStep& step, int sequence) {
    int64_t last = 0;
    for (int64_t row = 0; row < step.Rows(); ++row) {
      if (step.SequenceOf(row) == sequence) last = row;
    }
    return last;
  }
  static int64_t KeyEnd(const PagedStep& step, const Probed& p) {
    return step.Position(LastRow(step, p.sequence)) + 1 - p.queries;
  }
  static float Weight(const PagedStep& step, const Probed& p) {
    return 1.0f / static_cast<float>(p.queries * step.shape().Heads());
  }

  // From the definition, in fp64, on the rounded inputs.
  static std::vector<float> Expected(const PagedStep& step, const std::vector<Probed>& probed) {
    std::vector<float> all;
    const StepShape& shape = step.shape();
    for (const Probed& p : probed) {
      const int64_t key_end = KeyEnd(step, p), stride = key_end + kTail;
      std::vector<double> mass(shape.kv_heads * stride, 0.25);
      const int64_t last = LastRow(step, p.sequence);
      for (int64_t row = last + 1 - p.queries; row <= last; ++row) {
        for (int head = 0; head < shape.Heads(); ++head) {
          const int kv_head = head / shape.group;
          std::vector<double> score(key_end);
          double maximum = -INFINITY, sum = 0;
          for (int64_t key = step.FirstKey(row); key < key_end; ++key) {
            double dot = 0;
            for (int d = 0; d < shape.head_size; ++d) {
              dot += double{step.Query(row, head, d)} * step.Key(p.sequence, kv_head, key, d);
            }
            score[key] = step.Score(dot);
            maximum = std::max(maximum, score[key]);
          }
          for (int64_t key = step.FirstKey(row); key < key_end; ++key) {
            sum += std::exp(score[key] - maximum);
          }
          for (int64_t key = step.FirstKey(row); key < key_end; ++key) {
            mass[kv_head * stride + key] += Weight(step, p) * std::exp(score[key] - maximum) / sum;
          }
        }
      }
      all.insert(all.end(), mass.begin(), mass.end());
    }
    return all;
  }

  static void ExpectNear(const std::vector<float>& actual, const std::vector<float>& expected) {
    ASSERT_EQ(expected.size(), actual.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      ASSERT_TRUE(std::abs(actual[i] - expected[i]) <=
                  1e-6f + 1e-3f * std::abs(expected[i] - 0.25f))
          << "element " << i << ": " << actual[i] << ", expected " << expected[i];
    }
  }

  // Rows of a probe: some uncached ones, then the question.
  static std::vector<int64_t> Rows(int64_t key_end, int64_t queries) {
    std::vector<int64_t> rows;
    for (int64_t p : {int64_t{0}, key_end / 3, key_end / 2}) {
      if (p < key_end && (rows.empty() || p > rows.back())) rows.push_back(p);
    }
    for (int64_t i = 0; i < queries; ++i) rows.push_back(key_end + i);
    return rows;
  }

  void Compare(const StepShape& shape, float query_size = 1.0f) {
    SCOPED_TRACE("head size " + std::to_string(shape.head_size) + ", group " +
                 std::to_string(shape.group) + ", window " + std::to_string(shape.window));
    // A probe, a decoding sequence, a probe of one key, one of a whole block, one of many tiles.
    const PagedStep step(shape, {Rows(700, 9), {300}, Rows(1, 2), Rows(64, 33), Rows(1500, 150)},
                         query_size);
    const std::vector<Probed> probed = {{0, 9}, {2, 2}, {3, 33}, {4, 150}};
    const std::vector<float> expected = Expected(step, probed);
    ExpectNear(Run(step, probed, ProbeAttention), expected);
    ExpectNear(Run(step, probed, ProbeAttentionReference), expected);
  }
};

TEST_P(CudaProbeAttentionTest, AgreesWithTheDefinition) {
  for (int head_size : {16, 64, 72, 96, 128, 136, 256}) Compare({2, 4, head_size, 0, GetParam()});
  for (int group : {1, 2, 7, 8}) Compare({2, group, 64, 0, GetParam()});
}

TEST_P(CudaProbeAttentionTest, AgreesWithTheDefinitionWithinWindows) {
  for (int64_t window : {1, 24, 64, 100, 1000}) Compare({2, 2, 32, window, GetParam()});
}

TEST_P(CudaProbeAttentionTest, AgreesWithTheDefinitionWithSoftCap) {
  for (float cap : {0.5f, 5.0f, 50.0f}) Compare({2, 2, 256, 100, GetParam(), cap}, 4.0f);
}

TEST_P(CudaProbeAttentionTest, LargeScores) { Compare({2, 4, 64, 0, GetParam()}, 8.0f); }

TEST_P(CudaProbeAttentionTest, EqualRunsGiveEqualBits) {
  const PagedStep step({4, 4, 128, 0, GetParam()}, {Rows(3000, 40), Rows(900, 7)});
  const std::vector<Probed> probed = {{0, 40}, {1, 7}};
  const std::vector<float> first = Run(step, probed, ProbeAttention);
  for (int i = 0; i < 5; ++i) {
    const std::vector<float> again = Run(step, probed, ProbeAttention);
    ASSERT_EQ(0, std::memcmp(first.data(), again.data(), first.size() * sizeof(float)));
  }
}

// More probes than kernel parameters hold by value.
TEST_P(CudaProbeAttentionTest, ManyProbes) {
  std::vector<std::vector<int64_t>> rows;
  std::vector<Probed> probed;
  for (int s = 0; s < 40; ++s) {
    rows.push_back(s % 2 == 0 ? Rows(20 + 7 * s, 1 + s % 5) : std::vector<int64_t>{3 * s});
    if (s % 2 == 0) probed.push_back({s, 1 + s % 5});
  }
  const PagedStep step({2, 2, 32, 0, GetParam()}, rows);
  const std::vector<float> expected = Expected(step, probed);
  ExpectNear(Run(step, probed, ProbeAttention), expected);
  ExpectNear(Run(step, probed, ProbeAttentionReference), expected);
}

TEST_P(CudaProbeAttentionTest, NothingToProbe) {
  const PagedStep step({2, 2, 32, 0, GetParam()}, {Rows(10, 2)});
  EXPECT_TRUE(Run(step, {}, ProbeAttention).empty());
}

INSTANTIATE_TEST_SUITE_P(Types, CudaProbeAttentionTest,
                         testing::Values(ElementType::kFloat32, ElementType::kFloat16,
                                         ElementType::kBFloat16),
                         [](const testing::TestParamInfo<ElementType>& info) {
                           return std::to_string(static_cast<int>(info.param));
                         });

}  // namespace
}  // namespace cacheblend::cuda
