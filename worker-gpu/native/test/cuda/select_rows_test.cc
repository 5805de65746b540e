#include "kernels/cuda/select_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

constexpr int kRowSize = 48, kTokens = 3000;

// Each sequence has cached rows [chunk_first, chunk_end). Fresh rows differ from cached ones by a
// distance that the test defines.
class CudaSelectRowsTest : public testing::TestWithParam<ElementType> {
 protected:
  struct Sequence {
    int64_t chunk_first, chunk_end, rows;
    int64_t keep_count;
    bool compare_keys;
  };

  void SetUp() override { SKIP_WITHOUT_GPU(); }

  // The squared distance of a row's keys or values; small integers, exact in every type.
  using Distance = int (*)(int64_t row);

  void Run(const std::vector<Sequence>& sequences, Distance distance) {
    std::vector<int64_t> positions, offsets = {0};
    for (const Sequence& s : sequences) {
      for (int64_t row = 0; row < s.rows; ++row) positions.push_back(row);
      offsets.push_back(positions.size());
    }
    const int64_t rows = positions.size();
    // The tensor that is not compared has large distances.
    std::vector<char> fresh(2 * rows * kRowSize * ElementBytes(GetParam()));
    std::vector<char> cached(2 * kTokens * kRowSize * ElementBytes(GetParam()), 0);
    for (size_t s = 0; s < sequences.size(); ++s) {
      for (int64_t row = offsets[s]; row < offsets[s + 1]; ++row) {
        const int64_t compared = sequences[s].compare_keys ? 0 : kRowSize;
        Encode(GetParam(), 100, fresh.data(), row * 2 * kRowSize + kRowSize - compared);
        for (int i = 0; i < distance(row - offsets[s]); ++i) {
          Encode(GetParam(), 1, fresh.data(), row * 2 * kRowSize + compared + i);
        }
      }
    }
    Launch(sequences, positions, offsets, fresh, cached);
  }

  void Launch(const std::vector<Sequence>& sequences, const std::vector<int64_t>& positions,
              const std::vector<int64_t>& offsets, const std::vector<char>& fresh,
              const std::vector<char>& cached) {
    const int64_t rows = positions.size();
    const DeviceArray<char> kv(fresh), chunk(cached);
    const DeviceArray<int64_t> p(positions), o(offsets);
    std::vector<DeviceArray<Injection>> injections;
    std::vector<SequenceChoice> choices;
    SelectRowsParams params{};
    params.k = {kv.data(), 2 * kRowSize};
    params.v = {kv.data() + kRowSize * ElementBytes(GetParam()), 2 * kRowSize};
    for (size_t s = 0; s < sequences.size(); ++s) {
      const Sequence& it = sequences[s];
      // All keys and values of the chunk are zero.
      injections.emplace_back(std::vector<Injection>{{it.chunk_first, it.chunk_end, chunk.data()}});
      choices.push_back({{injections.back().data(), 1},
                         it.keep_count,
                         params.num_kept_rows,
                         it.compare_keys,
                         {}});
      const int64_t last_is_cached = it.chunk_end == it.rows ? 1 : 0;
      const int64_t eligible = it.chunk_end - it.chunk_first - last_is_cached;
      params.num_kept_rows +=
          it.keep_count < 0 ? it.rows : it.rows - eligible + std::min(it.keep_count, eligible);
    }
    params.positions = p.data();
    params.row_offsets = o.data();
    params.type = GetParam();
    params.row_size = kRowSize;
    params.num_rows = rows;
    params.num_sequences = static_cast<int>(sequences.size());
    const DeviceArray<float> scores(std::vector<float>(rows, 7));
    const DeviceArray<int64_t> kept(std::vector<int64_t>(params.num_kept_rows, -7));
    const DeviceArray<int64_t> kept_positions(std::vector<int64_t>(params.num_kept_rows, -7));
    const DeviceArray<int64_t> kept_offsets(std::vector<int64_t>(sequences.size() + 1, -7));
    params.scores = scores.data();
    params.kept_rows = kept.data();
    params.kept_positions = kept_positions.data();
    params.kept_row_offsets = kept_offsets.data();
    params.choices = choices.data();
    StepTables tables;
    SelectRows(params, tables, nullptr);
    Check(cudaDeviceSynchronize(), "SelectRows");
    scores_ = scores.ToHost();
    kept_ = kept.ToHost();
    kept_positions_ = kept_positions.ToHost();
    kept_offsets_ = kept_offsets.ToHost();
  }

  std::vector<float> scores_;
  std::vector<int64_t> kept_, kept_positions_, kept_offsets_;
};

// Expected selection by sorting: highest first, ties to the lower row.
std::vector<int64_t> Expected(int64_t first, int64_t end, int64_t rows, int64_t count,
                              int (*distance)(int64_t)) {
  std::vector<int64_t> eligible, kept;
  for (int64_t row = 0; row < rows; ++row) {
    (row >= first && row < end && row + 1 < rows ? eligible : kept).push_back(row);
  }
  std::stable_sort(eligible.begin(), eligible.end(),
                   [&](int64_t a, int64_t b) { return distance(a) > distance(b); });
  eligible.resize(std::min<size_t>(eligible.size(), count));
  kept.insert(kept.end(), eligible.begin(), eligible.end());
  std::sort(kept.begin(), kept.end());
  return kept;
}

int Scattered(int64_t row) { return static_cast<int>(row * 7919 % 47); }
int Same(int64_t) { return 3; }

TEST_P(CudaSelectRowsTest, KeepsTheHighestAndTheLowerRowOfTies) {
  for (const auto& distance : {Scattered, Same}) {
    for (const int64_t count : {0, 1, 2, 150, 1023, 1024, 2000, 2700, 5000}) {
      Run({{5, 2700, 2800, count, false}}, distance);
      EXPECT_EQ(Expected(5, 2700, 2800, count, distance), kept_) << count;
      EXPECT_EQ(kept_, kept_positions_);
      EXPECT_EQ((std::vector<int64_t>{0, static_cast<int64_t>(kept_.size())}), kept_offsets_);
    }
  }
}

TEST_P(CudaSelectRowsTest, ScoresAreSquaredDistancesAndMinusOneIfForced) {
  Run({{5, 40, 40, 3, true}}, Scattered);
  for (int64_t row = 0; row < 40; ++row) {
    EXPECT_EQ(row < 5 || row == 39 ? -1 : Scattered(row), scores_[row]) << row;
  }
  EXPECT_EQ(Expected(5, 40, 40, 3, Scattered), kept_);
}

TEST_P(CudaSelectRowsTest, SelectsPerSequence) {
  Run({{1, 30, 50, 4, false}, {0, 9, 9, -1, false}, {2, 1500, 2000, 700, true}}, Scattered);
  std::vector<int64_t> expected = Expected(1, 30, 50, 4, Scattered);
  const int64_t first = expected.size();
  for (int64_t row = 0; row < 9; ++row) expected.push_back(50 + row);
  for (int64_t row : Expected(2, 1500, 2000, 700, Scattered)) expected.push_back(59 + row);
  EXPECT_EQ(expected, kept_);
  EXPECT_EQ((std::vector<int64_t>{0, first, first + 9, static_cast<int64_t>(expected.size())}),
            kept_offsets_);
  for (int64_t row = 50; row < 59; ++row) EXPECT_EQ(-1, scores_[row]);
}

TEST_P(CudaSelectRowsTest, SelectsInManySequences) {
  std::vector<Sequence> sequences;
  std::vector<int64_t> expected;
  int64_t begin = 0;
  for (int64_t s = 0; s < 100; ++s) {
    const int64_t rows = 8 + s % 37;
    sequences.push_back({1 + s % 3, rows - 2, rows, s % 5, s % 2 == 0});
    for (int64_t row : Expected(1 + s % 3, rows - 2, rows, s % 5, Scattered)) {
      expected.push_back(begin + row);
    }
    begin += rows;
  }
  Run(sequences, Scattered);
  EXPECT_EQ(expected, kept_);
}

TEST_P(CudaSelectRowsTest, NaNRanksAsInfinity) {
  const int64_t rows = 20;
  std::vector<int64_t> positions(rows);
  std::iota(positions.begin(), positions.end(), 0);
  std::vector<char> fresh(2 * rows * kRowSize * ElementBytes(GetParam()), 0);
  const auto value = [&](int64_t row, float x) {
    Encode(GetParam(), x, fresh.data(), row * 2 * kRowSize + kRowSize);
  };
  value(3, 50);
  value(6, std::numeric_limits<float>::infinity());
  value(9, std::nanf(""));
  value(12, 40);
  const std::vector<char> cached(2 * rows * kRowSize * ElementBytes(GetParam()), 0);
  Launch({{0, 19, rows, 2, false}}, positions, {0, rows}, fresh, cached);
  EXPECT_EQ((std::vector<int64_t>{6, 9, 19}), kept_);
  Launch({{0, 19, rows, 3, false}}, positions, {0, rows}, fresh, cached);
  EXPECT_EQ((std::vector<int64_t>{3, 6, 9, 19}), kept_);
}

INSTANTIATE_TEST_SUITE_P(Types, CudaSelectRowsTest,
                         testing::Values(ElementType::kFloat32, ElementType::kFloat16,
                                         ElementType::kBFloat16));

}  // namespace
}  // namespace cacheblend::cuda
