#include "kernels/cuda/kv_inject.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

constexpr int kBlocks = 12, kPositions = 400;
// Block tables of three sequences, in arbitrary order.
const std::vector<std::vector<int32_t>> kTables = {{5, 0, 7, 2}, {11}, {3, 9, 1, 4}};

// Elements of a type in device memory, and their values on the host.
struct Elements {
  Elements(ElementType t, std::vector<float> v) : type(t), values(std::move(v)), device(0) {
    std::vector<char> bytes(values.size() * ElementBytes(type));
    for (size_t i = 0; i < values.size(); ++i) {
      Encode(type, values[i], bytes.data(), i);
      values[i] = Decode(type, bytes.data(), i);
    }
    device = DeviceArray<char>(bytes);
  }

  float Now(int64_t index) const {
    if (host.empty()) host = device.ToHost();
    return Decode(type, host.data(), index);
  }

  ElementType type;
  std::vector<float> values;
  DeviceArray<char> device;
  mutable std::vector<char> host;
};

class CudaKvInjectTest : public testing::TestWithParam<std::tuple<ElementType, int>> {
 protected:
  static constexpr int kHeads = 4, kKvHeads = 2;

  void SetUp() override { SKIP_WITHOUT_GPU(); }

  ElementType type() const { return std::get<0>(GetParam()); }
  int head_size() const { return std::get<1>(GetParam()); }
  int64_t row_size() const { return int64_t{kKvHeads} * head_size(); }

  Elements Random(int64_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values) value = normal(random_);
    return Elements(type(), values);
  }

  Elements Poisoned() const {
    return Elements(type(), std::vector<float>(int64_t{kBlocks} * 2 * kBlockTokens * row_size(),
                                               std::nanf("")));
  }

  PagedKv Kv(const Elements& arena) const {
    char* keys = arena.device.data();
    const int64_t block = int64_t{kBlockTokens} * row_size();
    return {keys,  keys + block * ElementBytes(type()), 2 * block, kBlocks, kKvHeads, head_size(),
            type()};
  }

  int64_t Index(int sequence, int64_t position, int head, int d, bool values) const {
    const int64_t block = int64_t{kBlockTokens} * row_size();
    return kTables[sequence][position / kBlockTokens] * 2 * block + (values ? block : 0) +
           (head * kBlockTokens + position % kBlockTokens) * head_size() + d;
  }

  static double Angle(int64_t position, int i, int head_size) {
    return position * std::pow(10000.0, -2.0 * i / head_size);
  }

  RotationTables Tables() {
    std::vector<float> cos, sin;
    for (int p = 0; p < kPositions; ++p) {
      for (int i = 0; i < head_size() / 2; ++i) {
        cos.push_back(static_cast<float>(std::cos(Angle(p, i, head_size()))));
        sin.push_back(static_cast<float>(std::sin(Angle(p, i, head_size()))));
      }
    }
    cos_ = DeviceArray<float>(cos);
    sin_ = DeviceArray<float>(sin);
    return {cos_.data(), sin_.data(), kPositions};
  }

  // Element d of a head, rotated by the definition of RoPE in double precision.
  double Rotated(const float* head, int d, int64_t position) const {
    const int half = head_size() / 2;
    const double angle = Angle(position, d % half, head_size());
    const double other = d < half ? -head[d + half] : head[d - half];
    return head[d] * std::cos(angle) + other * std::sin(angle);
  }

  void ExpectNear(double expected, float actual) const {
    const double unit = type() == ElementType::kFloat32   ? 1e-5
                        : type() == ElementType::kFloat16 ? 1e-3
                                                          : 8e-3;
    ASSERT_NEAR(expected, actual, unit * (1 + std::abs(expected)));
  }

  std::mt19937 random_{20261123};
  DeviceArray<float> cos_{0}, sin_{0};
};

TEST_P(CudaKvInjectTest, RotatesWritesAndCapturesFreshRows) {
  const std::vector<int64_t> positions = {0, 1, 63, 64, 200, 7, 10, 11, 12, 255};
  const std::vector<int64_t> offsets = {0, 5, 6, 10};
  const std::vector<int64_t> query_rows = {9, 4, 5};
  const int64_t rows = positions.size(), queries = query_rows.size();
  const int64_t width = (kHeads + 2 * kKvHeads) * head_size();
  const Elements qkv = Random(rows * width), q = Random(queries * kHeads * head_size());
  const Elements arena = Poisoned();
  constexpr int kLayer = 1;
  const Elements chunk(type(), std::vector<float>(2 * 2 * 3 * row_size(), 7));
  const Elements out(type(), std::vector<float>(queries * kHeads * head_size(), 7));
  const DeviceArray<int64_t> p(positions), o(offsets), r(query_rows);

  WriteFreshParams params{};
  const auto column = [&](int64_t c) { return qkv.device.data() + c * ElementBytes(type()); };
  params.q = {q.device.data(), int64_t{kHeads} * head_size()};
  params.k = {column(kHeads * head_size()), width};
  params.v = {column((kHeads + kKvHeads) * head_size()), width};
  params.positions = p.data();
  params.row_offsets = o.data();
  params.query_rows = r.data();
  params.tables = Tables();
  params.kv = Kv(arena);
  std::vector<DeviceArray<int32_t>> tables;
  for (const auto& table : kTables) tables.emplace_back(table);
  std::vector<BlockTable> block_tables;
  for (const auto& table : tables) block_tables.push_back(table.data());
  params.block_tables = block_tables.data();
  const Capture captures[] = {{}, {}, {10, 13, chunk.device.data()}};
  params.captures = captures;
  params.layer = kLayer;
  params.num_rows = rows;
  params.num_query_rows = queries;
  params.num_sequences = 3;
  params.num_heads = kHeads;
  params.q_out = out.device.data();
  StepTables step_tables;
  WriteFresh(params, step_tables, nullptr);
  Check(cudaDeviceSynchronize(), "WriteFresh");

  int64_t written = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const int s = row < 5 ? 0 : row < 6 ? 1 : 2;
    for (int head = 0; head < kKvHeads; ++head) {
      const float* k = &qkv.values[row * width + (kHeads + head) * head_size()];
      const float* v = &qkv.values[row * width + (kHeads + kKvHeads + head) * head_size()];
      for (int d = 0; d < head_size(); ++d) {
        ExpectNear(Rotated(k, d, positions[row]),
                   arena.Now(Index(s, positions[row], head, d, false)));
        ASSERT_EQ(v[d], arena.Now(Index(s, positions[row], head, d, true)));
        written += 2;
        if (s == 2 && positions[row] < 13) {
          const int64_t at = (positions[row] - 10) * row_size() + head * head_size() + d;
          ASSERT_EQ(k[d], chunk.Now((2 * kLayer) * 3 * row_size() + at));
          ASSERT_EQ(v[d], chunk.Now((2 * kLayer + 1) * 3 * row_size() + at));
        }
      }
    }
  }
  for (size_t i = 0; i < arena.values.size(); ++i) {
    if (!std::isnan(arena.Now(i))) --written;
  }
  EXPECT_EQ(0, written) << "slots of other positions must not change";
  for (int64_t i = 0; i < queries; ++i) {
    for (int c = 0; c < kHeads * head_size(); ++c) {
      const float* head = &q.values[i * kHeads * head_size() + c / head_size() * head_size()];
      ExpectNear(Rotated(head, c % head_size(), positions[query_rows[i]]),
                 out.Now(i * kHeads * head_size() + c));
    }
  }
}

TEST_P(CudaKvInjectTest, InjectsCachedRowsAndClearsTheRest) {
  constexpr int kLayer = 1, kLayers = 3;
  const Elements first = Random(2 * kLayers * 70 * row_size());
  const Elements second = Random(2 * kLayers * 5 * row_size());
  const Elements arena = Poisoned();
  const DeviceArray<Injection> injections(
      std::vector<Injection>{{3, 73, first.device.data()}, {100, 105, second.device.data()}});
  const DeviceArray<int32_t> table(kTables[0]);
  const InjectCachedParams::Fill fill{{injections.data(), 2}, 5, 128, 75, table.data()};
  const InjectCachedParams params{&fill, 1, kLayer, Tables(), Kv(arena)};
  StepTables tables;
  InjectCached(params, tables, nullptr);
  Check(cudaDeviceSynchronize(), "InjectCached");

  for (int64_t position = 0; position < 256; ++position) {
    const bool in_first = position >= 5 && position < 73;
    const bool in_second = position >= 100 && position < 105;
    const Elements& chunk = in_first ? first : second;
    const int64_t tokens = in_first ? 70 : 5, row = position - (in_first ? 3 : 100);
    for (int head = 0; head < kKvHeads; ++head) {
      for (int d = 0; d < head_size(); ++d) {
        const float key = arena.Now(Index(0, position, head, d, false));
        const float value = arena.Now(Index(0, position, head, d, true));
        if (in_first || in_second) {
          const float* k = &chunk.values[(2 * kLayer * tokens + row) * row_size()];
          const float* v = &chunk.values[((2 * kLayer + 1) * tokens + row) * row_size()];
          ExpectNear(Rotated(k + head * head_size(), d, position), key);
          ASSERT_EQ(v[head * head_size() + d], value);
        } else if (position >= 75 && position < 128) {
          ASSERT_EQ(0, key);
          ASSERT_EQ(0, value);
        } else {
          ASSERT_TRUE(std::isnan(key) && std::isnan(value)) << position;
        }
      }
    }
  }
}

// More sequences than kernel parameters hold by value, in one launch. Sequence s has the block s,
// and takes positions [s % 4, 20 + s) from a chunk at position 0.
TEST_P(CudaKvInjectTest, InjectsIntoManySequences) {
  constexpr int kSequences = 12, kTokens = 40;
  static_assert(kSequences <= kBlocks);
  const Elements chunk = Random(2 * kTokens * row_size());
  const Elements arena = Poisoned();
  const DeviceArray<Injection> injections(
      std::vector<Injection>{{0, kTokens, chunk.device.data()}});
  std::vector<int32_t> blocks(kSequences);
  std::iota(blocks.begin(), blocks.end(), 0);
  const DeviceArray<int32_t> tables(blocks);
  std::vector<InjectCachedParams::Fill> fills;
  for (int s = 0; s < kSequences; ++s) {
    fills.push_back({{injections.data(), 1}, s % 4, 20 + s, 64, tables.data() + s});
  }
  const InjectCachedParams params{fills.data(), kSequences, 0, Tables(), Kv(arena)};
  StepTables step_tables;
  InjectCached(params, step_tables, nullptr);
  InjectCached(params, step_tables, nullptr);
  Check(cudaDeviceSynchronize(), "InjectCached");
  EXPECT_EQ(2, step_tables.copy_count());
  const int64_t block = int64_t{kBlockTokens} * row_size();
  for (int s = 0; s < kSequences; ++s) {
    for (int64_t position = 0; position < kBlockTokens; ++position) {
      const int64_t slot = (kBlockTokens + position) * head_size();  // of KV head 1
      const float* k = &chunk.values[position % kTokens * row_size() + head_size()];
      for (int d = 0; d < head_size(); ++d) {
        const float key = arena.Now(s * 2 * block + slot + d);
        const float value = arena.Now(s * 2 * block + block + slot + d);
        if (position >= s % 4 && position < 20 + s) {
          ExpectNear(Rotated(k, d, position), key);
          ASSERT_EQ(k[kTokens * row_size() + d], value);
        } else {
          ASSERT_TRUE(std::isnan(key) && std::isnan(value)) << s << ", " << position;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CudaKvInjectTest,
                         testing::Combine(testing::Values(ElementType::kFloat32,
                                                          ElementType::kFloat16,
                                                          ElementType::kBFloat16),
                                          testing::Values(8, 24, 64, 80, 96, 128)));

}  // namespace
}  // namespace cacheblend::cuda
