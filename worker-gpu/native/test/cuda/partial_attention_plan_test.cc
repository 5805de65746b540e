#include "kernels/cuda/partial_attention_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/cuda/partial_attention.h"

namespace cacheblend::cuda {
namespace {

TEST(PartialAttentionPlanTest, DependsOnRowsAndGpu) {
  PartialAttentionParams params = {};
  params.kv.num_kv_heads = 8;
  params.num_heads = 32;
  params.num_sequences = 1;
  params.num_rows = 1;
  params.position_end = 16384;
  const GpuTraits hopper = {132, true}, other = {108, false};
  EXPECT_EQ(PlanAttention(params, hopper).kernel, AttentionKernel::kDecode);
  EXPECT_GE(PlanAttention(params, hopper).splits, 16);
  params.num_rows = 32;
  EXPECT_EQ(PlanAttention(params, hopper).kernel, AttentionKernel::kSm90);
  EXPECT_EQ(PlanAttention(params, other).kernel, AttentionKernel::kMma);
  EXPECT_EQ(PlanAttention(params, hopper).splits, 16);
  params.position_end = 256;
  EXPECT_EQ(PlanAttention(params, hopper).splits, 1);
  params.num_rows = params.position_end = 4096;
  EXPECT_EQ(PlanAttention(params, hopper).splits, 1);
}

// Every key block of every sequence with few rows is in exactly one item; partial results do not
// overlap; items are of similar size.
TEST(PartialAttentionPlanTest, ItemsDivideTheKeys) {
  PartialAttentionParams params = {};
  params.kv.num_kv_heads = 8;
  params.num_heads = 32;
  const GpuTraits hopper = {132, true};
  for (const int64_t window : {0, 1000}) {
    for (const int count : {1, 2, 7, 32, 64, 300, 1000}) {
      SCOPED_TRACE(std::to_string(count) + " sequences, window " + std::to_string(window));
      std::vector<SequenceRows> rows;
      for (int s = 0; s < count; ++s) {
        rows.push_back({s % 5 == 4 ? 40 : 1 + s % 4, 1 + int64_t{s} * 1777 % 9000});
        rows.back().position_end = std::max(rows.back().position_end, rows.back().count);
      }
      params.window = window;
      params.rows = rows.data();
      params.num_sequences = count;
      params.num_rows = 0;
      for (const SequenceRows& r : rows) params.num_rows += r.count;
      const BatchPlan plan = PlanBatch(params, hopper);
      std::vector<std::vector<int>> covered(count);  // times, by key block
      std::vector<int> parts(count), partials(1 << 20);
      int64_t blocks = 0, longest = 0;
      for (int s = 0; s < count; ++s) covered[s].resize((rows[s].position_end + 63) / 64);
      for (const AttentionItem& item : plan.items) {
        ASSERT_LT(item.first_block, item.end_block);
        blocks += item.end_block - item.first_block;
        longest = std::max<int64_t>(longest, item.end_block - item.first_block);
        for (int b = item.first_block; b < item.end_block; ++b) ++covered[item.sequence].at(b);
        ++parts[item.sequence];
        if (item.partial < 0) continue;
        for (int i = 0; i < rows[item.sequence].count * 32; ++i) ++partials.at(item.partial + i);
      }
      for (int s = 0; s < count; ++s) {
        const int64_t first = window > 0 && rows[s].count == 1
                                  ? std::max<int64_t>(0, rows[s].position_end - window) / 64
                                  : 0;
        for (int64_t b = 0; b < static_cast<int64_t>(covered[s].size()); ++b) {
          ASSERT_EQ(rows[s].count <= 4 && b >= first ? 1 : 0, covered[s][b]) << s << ", " << b;
        }
      }
      size_t merged = 0;
      for (const AttentionMerge& merge : plan.merges) {
        ASSERT_GT(merge.count, 1);
        ASSERT_EQ(parts[merge.sequence], merge.count);
        const int64_t size = merge.count * rows[merge.sequence].count * 32;
        for (int i = 0; i < size; ++i) ASSERT_EQ(1, partials.at(merge.first_partial + i));
        merged += size;
      }
      size_t used = 0;
      for (const int times : partials) used += times;
      EXPECT_EQ(merged, used);
      EXPECT_LE(used, 32768u);
      EXPECT_EQ(count / 5 > 0, plan.other_tiles > 0);
      // No item takes much longer than an even share, unless partial results fill their memory.
      if (used < 16384) {
        EXPECT_LE(longest, std::max<int64_t>(4, blocks * 8 / 264));
      }
    }
  }
}

// They balance without being divided, and then need no merge.
TEST(PartialAttentionPlanTest, SequencesOfSimilarLengthThatFillTheGpuStayWhole) {
  PartialAttentionParams params = {};
  params.kv.num_kv_heads = 8;
  params.num_heads = 32;
  const GpuTraits hopper = {132, true};
  const auto items = [&](int count, int64_t spread) {
    std::vector<SequenceRows> rows;
    for (int s = 0; s < count; ++s) rows.push_back({1, 3100 + s * spread});
    params.rows = rows.data();
    params.num_rows = params.num_sequences = count;
    const BatchPlan plan = PlanBatch(params, hopper);
    EXPECT_EQ(plan.items.size() == static_cast<size_t>(count), plan.merges.empty());
    return plan.items.size();
  };
  EXPECT_EQ(32u, items(32, 4));
  EXPECT_LT(32u, items(32, 200));
  EXPECT_LT(16u, items(16, 0));
  EXPECT_LT(40u, items(40, 0));  // whole, a second round would leave most of the GPU idle
}

}  // namespace
}  // namespace cacheblend::cuda
