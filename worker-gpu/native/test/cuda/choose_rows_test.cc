#include "kernels/cuda/choose_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/cuda/keep_rows.h"
#include "kernels/cuda/last_rows.h"
#include "kernels/keep_rows.h"
#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

class CudaChooseRowsTest : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }
};

struct Expansion {
  int64_t anchors, count;
};

// The ranks of packed sequences after their expansions.
std::vector<float> Expanded(const std::vector<std::vector<float>>& sequences,
                            const std::vector<Expansion>& expansions) {
  std::vector<float> ranks;
  std::vector<int64_t> offsets = {0};
  ExpandRowsParams params{};
  std::vector<ExpandRowsParams::Sequence> expanded;
  int64_t bytes = 0;
  for (size_t s = 0; s < sequences.size(); ++s) {
    ranks.insert(ranks.end(), sequences[s].begin(), sequences[s].end());
    offsets.push_back(ranks.size());
    expanded.push_back({expansions[s].anchors, expansions[s].count, bytes});
    bytes += ExpandRowsBytes(expansions[s].anchors);
  }
  const DeviceArray<float> device(ranks);
  const DeviceArray<int64_t> device_offsets(offsets);
  const DeviceArray<char> workspace(bytes);
  workspace.Fill(0xff);
  params.sequences = expanded.data();
  params.ranks = device.data();
  params.row_offsets = device_offsets.data();
  params.num_sequences = static_cast<int>(sequences.size());
  params.workspace = workspace.data();
  StepTables tables;
  ExpandRows(params, tables, nullptr);
  Check(cudaDeviceSynchronize(), "ExpandRows");
  return device.ToHost();
}

std::vector<float> RandomRanks(int64_t rows, int forced_percent, std::mt19937* random) {
  std::vector<float> ranks(rows);
  for (float& rank : ranks) {
    const bool forced = static_cast<int>((*random)() % 100) < forced_percent;
    rank = forced ? -1.0f : std::exp(-static_cast<float>((*random)() % 100000) / 7000);
  }
  return ranks;
}

TEST_F(CudaChooseRowsTest, ExpansionEqualsTheReference) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    std::vector<std::vector<float>> sequences;
    std::vector<Expansion> expansions;
    std::vector<float> expected;
    for (int64_t rows : {1, 40, 700, 5000, 20000}) {
      std::vector<float> ranks = RandomRanks(rows, round % 3 * 5, &random);
      const int64_t count = random() % (rows + 1);
      sequences.push_back(ranks);
      expansions.push_back({3 * count / 4, count});
      if (3 * count / 4 < count) {
        cacheblend::ExpandRows({ranks.data(), rows, 3 * count / 4, count});
      }
      expected.insert(expected.end(), ranks.begin(), ranks.end());
    }
    EXPECT_EQ(expected, Expanded(sequences, expansions));
  }
}

TEST_F(CudaChooseRowsTest, LongSegmentsAndFewEligibleRows) {
  // One segment of all anchors; more anchors and rows wanted than there are.
  std::vector<float> ranks(300, 0.5f);
  ranks[0] = ranks[120] = ranks[299] = -1;
  for (const Expansion& expansion : {Expansion{60, 80}, Expansion{299, 300}, Expansion{0, 1}}) {
    std::vector<float> expected = ranks;
    cacheblend::ExpandRows({expected.data(), 300, expansion.anchors, expansion.count});
    EXPECT_EQ(expected, Expanded({ranks}, {expansion}));
  }
}

TEST_F(CudaChooseRowsTest, RanksAreSumsOverKvHeadsWithChunkHeadsFirst) {
  // Rows 0..19 at positions 0..19: chunks at [2, 8) and [10, 15); then a sequence without masses.
  constexpr int kHeads = 3, kStride = 32;
  std::vector<float> masses(kHeads * kStride);
  for (int i = 0; i < kHeads * kStride; ++i) masses[i] = 1 + 0.01f * static_cast<float>(i);
  std::vector<int64_t> positions;
  for (int64_t p = 0; p < 20; ++p) positions.push_back(p);
  for (int64_t p = 0; p < 5; ++p) positions.push_back(p);
  const DeviceArray<float> device_masses(masses), scores(25), ranks(25);
  const DeviceArray<int64_t> p(positions), offsets(std::vector<int64_t>{0, 20, 25});
  const DeviceArray<Injection> chunks(std::vector<Injection>{{2, 8, nullptr}, {10, 15, nullptr}});
  RankRowsParams params{};
  params.positions = p.data();
  params.row_offsets = offsets.data();
  const RankRowsParams::Sequence sequences[] = {
      {{chunks.data(), 2}, {device_masses.data(), kStride, kHeads}, 1, 4},
      {{chunks.data(), 1}, {}, 9, 9}};
  params.sequences = sequences;
  params.num_rows = 25;
  params.num_sequences = 2;
  params.scores = scores.data();
  params.ranks = ranks.data();
  StepTables tables;
  RankRows(params, tables, nullptr);
  Check(cudaDeviceSynchronize(), "RankRows");
  const std::vector<float> actual = scores.ToHost(), ranked = ranks.ToHost();
  for (int row = 0; row < 25; ++row) {
    const bool cached = row < 20 && ((row >= 2 && row < 8) || (row >= 10 && row < 15));
    // Heads are row 0 of each chunk, and row 1 of the chunk before position 4.
    const bool head = row == 2 || row == 10 || row == 3;
    float mass = 0;
    for (int h = 0; h < kHeads; ++h) mass += masses[h * kStride + row % 20];
    EXPECT_EQ(cached ? mass : -1, actual[row]) << row;
    EXPECT_EQ(cached ? (head ? kInfinity : mass) : -1, ranked[row]) << row;
  }
}

TEST_F(CudaChooseRowsTest, KeptRowsCarryTheirTokens) {
  const std::vector<float> ranks = {-1, 5, 7, 7, 1, -1, 9, 9, -1};
  const DeviceArray<float> r(ranks);
  const DeviceArray<int64_t> offsets(std::vector<int64_t>{0, 6, 9});
  const DeviceArray<int64_t> positions(std::vector<int64_t>{0, 1, 2, 3, 4, 5, 40, 41, 42});
  // -1 - i stands for token i of an earlier step, if that has so many.
  const DeviceArray<int64_t> tokens(std::vector<int64_t>{10, 11, -1, 13, 14, 15, -2, 17, -3});
  const DeviceArray<int64_t> earlier(std::vector<int64_t>{70, 71});
  const DeviceArray<int64_t> kept_positions(6), kept_tokens(6), kept_offsets(3);
  KeepRowsParams params{};
  params.ranks = r.data();
  params.row_offsets = offsets.data();
  const KeepRowsParams::Keep keeps[] = {{1, 0}, {-1, 3}};
  params.keeps = keeps;
  params.num_sequences = 2;
  params.num_kept_rows = 6;
  params.positions = positions.data();
  params.token_ids = tokens.data();
  params.earlier_tokens = earlier.data();
  params.num_earlier_tokens = 2;
  params.kept_positions = kept_positions.data();
  params.kept_token_ids = kept_tokens.data();
  params.kept_row_offsets = kept_offsets.data();
  StepTables tables;
  KeepRows(params, tables, nullptr);
  Check(cudaDeviceSynchronize(), "KeepRows");
  EXPECT_EQ((std::vector<int64_t>{0, 2, 5, 40, 41, 42}), kept_positions.ToHost());
  EXPECT_EQ((std::vector<int64_t>{10, 70, 15, 71, 17, -3}), kept_tokens.ToHost());
  EXPECT_EQ((std::vector<int64_t>{0, 3, 6}), kept_offsets.ToHost());
}

// More sequences than kernel parameters hold by value: each has rows 0 to 2 + s % 3, of which the
// last one is forced; its chunk is [0, 2).
constexpr int64_t kUnset = -7;

// Outputs of LastRows, with kUnset where it writes nothing.
struct LastRowsOutputs {
  LastRowsOutputs(int64_t total, int num_sequences)
      : query_rows(Unset(total)),
        query_positions(Unset(total)),
        query_row_offsets(Unset(num_sequences + 1)),
        ends(Unset(num_sequences)),
        last_rows(Unset(num_sequences)),
        total(total),
        num_ends(num_sequences) {}

  static std::vector<int64_t> Unset(int64_t count) { return std::vector<int64_t>(count, kUnset); }

  void Run(const DeviceArray<int64_t>& positions, const DeviceArray<int64_t>& row_offsets,
           const std::vector<LastRowsParams::Sequence>& sequences, StepTables& tables) const {
    LastRows({positions.data(), row_offsets.data(), sequences.data(),
              static_cast<int>(sequences.size()), num_ends, total, query_rows.data(),
              query_positions.data(), query_row_offsets.data(), ends.data(), last_rows.data()},
             tables, nullptr);
  }

  const DeviceArray<int64_t> query_rows, query_positions, query_row_offsets, ends, last_rows;
  const int64_t total;
  int num_ends;
};

TEST_F(CudaChooseRowsTest, ManySequences) {
  constexpr int kSequences = 300;
  std::vector<int64_t> positions, offsets = {0}, expected_positions, expected_last;
  std::vector<float> masses;
  for (int s = 0; s < kSequences; ++s) {
    for (int64_t p = 0; p < 3 + s % 3; ++p) positions.push_back(p);
    offsets.push_back(positions.size());
    masses.push_back(s % 2 == 0 ? 2.0f : 1.0f);  // position 0
    masses.push_back(1.5f);                      // position 1
    expected_positions.push_back(s % 2 == 0 ? 0 : 1);
    for (int64_t p = 2; p < 3 + s % 3; ++p) expected_positions.push_back(p);
    expected_last.push_back(positions.size() - 1);
  }
  const int64_t rows = positions.size(), kept = expected_positions.size();
  const DeviceArray<int64_t> p(positions), o(offsets), kept_positions(kept), kept_offsets(301);
  const DeviceArray<float> m(masses), scores(rows), ranks(rows);
  const DeviceArray<Injection> chunk(std::vector<Injection>{{0, 2, nullptr}});
  std::vector<RankRowsParams::Sequence> ranked;
  std::vector<KeepRowsParams::Keep> keeps;
  std::vector<LastRowsParams::Sequence> last;
  int64_t offset = 0;
  for (int s = 0; s < kSequences; ++s) {
    ranked.push_back({{chunk.data(), 1}, {m.data() + 2 * s, 2, 1}, 0, 0});
    keeps.push_back({1, offset});
    last.push_back({1, s});
    offset += 2 + s % 3;
  }
  StepTables tables;
  RankRowsParams rank{};
  rank.positions = p.data();
  rank.row_offsets = o.data();
  rank.sequences = ranked.data();
  rank.num_rows = rows;
  rank.num_sequences = kSequences;
  rank.scores = scores.data();
  rank.ranks = ranks.data();
  RankRows(rank, tables, nullptr);
  KeepRowsParams keep{};
  keep.ranks = ranks.data();
  keep.row_offsets = o.data();
  keep.keeps = keeps.data();
  keep.num_sequences = kSequences;
  keep.num_kept_rows = kept;
  keep.positions = p.data();
  keep.kept_positions = kept_positions.data();
  keep.kept_row_offsets = kept_offsets.data();
  KeepRows(keep, tables, nullptr);
  LastRowsOutputs lasts(kSequences, kSequences);
  lasts.Run(p, o, last, tables);
  Check(cudaDeviceSynchronize(), "selection of many sequences");
  EXPECT_EQ(expected_positions, kept_positions.ToHost());
  EXPECT_EQ(expected_last, lasts.query_rows.ToHost());
  EXPECT_EQ(expected_last, lasts.last_rows.ToHost());
  EXPECT_EQ(3, tables.copy_count());
}

TEST_F(CudaChooseRowsTest, LastRowsOfEachSequence) {
  const DeviceArray<int64_t> offsets(std::vector<int64_t>{0, 4, 5, 8});
  const DeviceArray<int64_t> positions(std::vector<int64_t>{0, 7, 8, 9, 30, 1, 2, 50});
  // The third sequence is a probe, which has no end.
  LastRowsOutputs out(5, 3);
  out.num_ends = 2;
  StepTables tables;
  out.Run(positions, offsets, {{3, 0}, {1, 3}, {1, 4}}, tables);
  Check(cudaDeviceSynchronize(), "LastRows");
  EXPECT_EQ((std::vector<int64_t>{1, 2, 3, 4, 7}), out.query_rows.ToHost());
  EXPECT_EQ((std::vector<int64_t>{7, 8, 9, 30, 50}), out.query_positions.ToHost());
  EXPECT_EQ((std::vector<int64_t>{0, 3, 4, 5}), out.query_row_offsets.ToHost());
  EXPECT_EQ((std::vector<int64_t>{2, 3, kUnset}), out.ends.ToHost());
  EXPECT_EQ((std::vector<int64_t>{3, 4, kUnset}), out.last_rows.ToHost());
}

}  // namespace
}  // namespace cacheblend::cuda
