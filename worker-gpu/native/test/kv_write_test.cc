#include "kernels/kv_write.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "kernels/kv_view.h"
#include "test/testing.h"

namespace cacheblend {
namespace {

constexpr float kUntouched = -7;

// Contiguous blocks, in one buffer each for keys and values.
struct Blocks {
  Blocks(int64_t count, int kv_heads, int head_size)
      : key_size(int64_t{kv_heads} * head_size * kBlockTokens),
        value_size(int64_t{kv_heads} * kBlockTokens * ValueStride(head_size)),
        keys(count * key_size, kUntouched),
        values(count * value_size, kUntouched) {}

  int64_t key_size, value_size;
  std::vector<float> keys, values;
};

// Slots that are written: all, one, a run at an odd offset, or a random subset.
std::vector<int> Slots(int kind, std::mt19937& random) {
  std::vector<int> slots;
  for (int slot = 0; slot < kBlockTokens; ++slot) {
    const bool in = kind == 0   ? true
                    : kind == 1 ? slot == 37
                    : kind == 2 ? slot >= 3 && slot < 50
                                : random() % 3 != 0;
    if (in) slots.push_back(slot);
  }
  return slots;
}

void CheckAgainstReference(Isa isa, int kv_heads, int head_size, std::mt19937& random) {
  constexpr int kBlocks = 5;
  const int64_t row_size = int64_t{kv_heads} * head_size, half = head_size / 2;
  Blocks actual(kBlocks, kv_heads, head_size), expected(kBlocks, kv_heads, head_size);
  const auto keys = RandomFloats(kBlocks * kBlockTokens * (row_size + 3), random);
  const auto values = RandomFloats(kBlocks * kBlockTokens * (row_size + 3), random);
  const auto tables = RandomFloats(kBlocks * kBlockTokens * half * 2, random);
  std::vector<KvRow> rows;
  std::vector<KvBlockWrite> actual_blocks, expected_blocks;
  for (int block = 0; block < kBlocks; ++block) {
    const std::vector<int> slots = Slots(block, random);
    const auto first = static_cast<int64_t>(rows.size());
    const auto count = static_cast<int64_t>(slots.size());
    for (int slot : slots) {
      const int64_t row = rows.size();
      rows.push_back({keys.data() + row * (row_size + 3), values.data() + row * (row_size + 3),
                      tables.data() + 2 * row * half, tables.data() + (2 * row + 1) * half, slot});
    }
    actual_blocks.push_back({actual.keys.data() + block * actual.key_size,
                             actual.values.data() + block * actual.value_size, first, count});
    expected_blocks.push_back({expected.keys.data() + block * expected.key_size,
                               expected.values.data() + block * expected.value_size, first, count});
  }
  WriteKv({rows.data(), actual_blocks.data(), kBlocks, kv_heads, head_size}, TwoThreads(), isa);
  WriteKvReference({rows.data(), expected_blocks.data(), kBlocks, kv_heads, head_size});
  // Bitwise: results do not depend on neighbours, slots or vector width.
  EXPECT_EQ(0, std::memcmp(actual.keys.data(), expected.keys.data(), actual.keys.size() * 4));
  EXPECT_EQ(0, std::memcmp(actual.values.data(), expected.values.data(), actual.values.size() * 4));
}

TEST(KvWriteTest, IsBitwiseEqualToReference) {
  std::mt19937 random(1);
  for (Isa isa : SupportedIsas()) {
    for (int head_size : {2, 16, 24, 64, 80, 96, 128}) {
      for (int kv_heads : {1, 3}) {
        SCOPED_TRACE(testing::Message() << IsaName(isa) << ", head size " << head_size << ", "
                                        << kv_heads << " KV heads");
        CheckAgainstReference(isa, kv_heads, head_size, random);
      }
    }
  }
}

// The reference on values that can be checked by hand.
TEST(KvWriteTest, ReferenceRotatesHalvesAndPadsValues) {
  Blocks blocks(1, 1, 4);
  const float key[] = {1, 2, 3, 4}, value[] = {5, 6, 7, 8};
  const float cos[] = {0, 1}, sin[] = {1, 0};
  const KvRow row{key, value, cos, sin, 9};
  const KvBlockWrite block{blocks.keys.data(), blocks.values.data(), 0, 1};
  WriteKvReference({&row, &block, 1, 1, 4});
  const float rotated[] = {-3, 2, 1, 4};  // a quarter turn of (1, 3), none of (2, 4)
  for (int d = 0; d < 4; ++d) EXPECT_EQ(rotated[d], blocks.keys[d * kBlockTokens + 9]);
  for (int d = 0; d < 16; ++d) EXPECT_EQ(d < 4 ? value[d] : 0, blocks.values[9 * 16 + d]);
  EXPECT_EQ(kUntouched, blocks.keys[8]);
  EXPECT_EQ(kUntouched, blocks.values[8 * 16]);
}

TEST(KvWriteTest, NoBlocks) { WriteKv({nullptr, nullptr, 0, 2, 64}, SerialFor()); }

}  // namespace
}  // namespace cacheblend
