// Sequences of one pool that share blocks.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/kv_view.h"
#include "pool/errors.h"
#include "pool/inject_plan.h"
#include "pool/kv_pool.h"
#include "pool/kv_sequence.h"
#include "pool/sequence_step.h"
#include "pool/stored_chunk.h"

namespace cacheblend {
namespace {

constexpr KvShape kShape{2, 1, 4};

// Blocks of a prompt, one letter for the tokens of each.
std::vector<BlockKey> KeysOf(const std::string& prompt) {
  std::vector<BlockKey> keys;
  for (size_t end = 1; end <= prompt.size(); ++end) {
    BlockKey key{};
    std::copy_n(prompt.begin(), end, key.begin());
    keys.push_back(key);
  }
  return keys;
}

void Cover(KvSequence& sequence, int64_t tokens) {
  for (int layer = 0; layer < kShape.layer_count; ++layer) sequence.layer(layer).covered = tokens;
}

// A number for the KV of a block in its context.
float Content(const std::string& prompt, size_t block) {
  return std::hash<std::string>()(prompt.substr(0, block + 1)) % 10000 + 1;
}

float& ContentOf(const KvSequence& sequence, size_t block) {
  return sequence.View(1).key_blocks[block][5];
}

// Computes the blocks of a prompt that the sequence does not share, and publishes all.
void Prefill(KvSequence& sequence, const std::string& prompt) {
  for (size_t i = sequence.read_only_token_count() / kBlockTokens; i < prompt.size(); ++i) {
    ContentOf(sequence, i) = Content(prompt, i);
  }
  Cover(sequence, prompt.size() * kBlockTokens);
  sequence.Publish(KeysOf(prompt));
}

std::shared_ptr<KvSequence> Prefilled(KvPool& pool, const std::string& prompt,
                                      int64_t new_tokens = 1) {
  auto sequence = pool.Reserve(prompt.size() * kBlockTokens + new_tokens, KeysOf(prompt));
  Prefill(*sequence, prompt);
  return sequence;
}

int64_t SharedBlocks(KvPool& pool, const std::string& prompt) {
  return pool.Reserve(prompt.size() * kBlockTokens, KeysOf(prompt))->read_only_token_count() /
         kBlockTokens;
}

template <typename Exception, typename Body>
std::string MessageOf(const Body& body) {
  try {
    body();
  } catch (const Exception& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(SharedBlocksTest, ALaterSequenceSharesTheLongestPublishedPrefix) {
  const auto pool = KvPool::Create(kShape, 16);
  Prefilled(*pool, "abc");
  EXPECT_EQ(0, SharedBlocks(*pool, "bc"));
  EXPECT_EQ(1, SharedBlocks(*pool, "ac"));
  EXPECT_EQ(2, SharedBlocks(*pool, "abd"));
  EXPECT_EQ(3, SharedBlocks(*pool, "abcd"));
  const auto sequence = pool->Reserve(4 * kBlockTokens, KeysOf("abxd"));
  EXPECT_EQ(128, sequence->read_only_token_count());
  for (int layer = 0; layer < kShape.layer_count; ++layer) {
    EXPECT_EQ(128, sequence->layer(layer).covered);
    EXPECT_EQ(2, sequence->layer(layer).cleared_blocks);
  }
  EXPECT_EQ(Content("abc", 1), ContentOf(*sequence, 1));
}

TEST(SharedBlocksTest, ARunningSequenceSharesItsPublishedBlocks) {
  const auto pool = KvPool::Create(kShape, 5);
  const auto one = Prefilled(*pool, "ab");  // and a block for the answer
  const auto two = Prefilled(*pool, "ab");
  EXPECT_EQ(one->View(0).key_blocks[1], two->View(0).key_blocks[1]);
  EXPECT_NE(one->View(0).key_blocks[2], two->View(0).key_blocks[2]);
  const PoolStatistics statistics = pool->Statistics();
  EXPECT_EQ(4, statistics.reserved_block_count);
  EXPECT_EQ(1, statistics.free_block_count);
  EXPECT_EQ(2, statistics.cached_block_count);
  EXPECT_TRUE(pool->Violations().empty());
}

TEST(SharedBlocksTest, EqualPromptsThatRunTogetherKeepOneCopy) {
  const auto pool = KvPool::Create(kShape, 8);
  auto one = pool->Reserve(192, KeysOf("abc")), two = pool->Reserve(192, KeysOf("abd"));
  Prefill(*one, "abc");
  Prefill(*two, "abd");
  EXPECT_EQ(4, pool->Statistics().cached_block_count);
  one.reset();
  two.reset();
  EXPECT_EQ(8, pool->Statistics().free_block_count);
  EXPECT_EQ(3, SharedBlocks(*pool, "abc"));
  EXPECT_EQ(3, SharedBlocks(*pool, "abd"));
  EXPECT_TRUE(pool->Violations().empty());
}

TEST(SharedBlocksTest, CachedBlocksAreFreeUntilASequenceNeedsThem) {
  const auto pool = KvPool::Create(kShape, 4);
  Prefilled(*pool, "abc");
  EXPECT_EQ(4, pool->Statistics().free_block_count);
  EXPECT_EQ(3, pool->Statistics().cached_block_count);
  auto other = pool->Reserve(2 * kBlockTokens);  // one block is empty, one is evicted
  EXPECT_EQ(1, pool->Statistics().evicted_block_count);
  EXPECT_EQ(2, pool->Statistics().cached_block_count);
  other.reset();
  EXPECT_EQ(2, SharedBlocks(*pool, "abc"));
  EXPECT_TRUE(pool->Violations().empty());
}

TEST(SharedBlocksTest, BlocksInUseAreNeverEvicted) {
  const auto pool = KvPool::Create(kShape, 5);
  Prefilled(*pool, "abc");
  const auto user = pool->Reserve(2 * kBlockTokens + 1, KeysOf("ab"));
  EXPECT_EQ("needs 3 KV blocks, 2 of 5 are free",
            MessageOf<KvExhausted>([&] { pool->Reserve(3 * kBlockTokens); }));
  EXPECT_EQ(0, pool->Statistics().evicted_block_count);
  const auto other = pool->Reserve(2 * kBlockTokens);
  EXPECT_EQ(1, pool->Statistics().evicted_block_count);
  ContentOf(*other, 0) = ContentOf(*other, 1) = -1;
  EXPECT_EQ(Content("ab", 0), ContentOf(*user, 0));
  EXPECT_EQ(Content("ab", 1), ContentOf(*user, 1));
  EXPECT_THROW(pool->Reserve(1), KvExhausted);
  // The shared blocks of a sequence that does not fit stay cached.
  EXPECT_THROW(pool->Reserve(5 * kBlockTokens, KeysOf("abzzz")), KvExhausted);
  EXPECT_TRUE(pool->Violations().empty());
}

TEST(SharedBlocksTest, SharedBlocksAreReadOnly) {
  const auto pool = KvPool::Create(kShape, 8);
  Prefilled(*pool, "ab");
  const auto sequence = pool->Reserve(3 * kBlockTokens, KeysOf("ab"));
  const std::vector<float> row(4), table(200 * 2);
  const auto write = [&](int64_t position) {
    InjectPlan plan(0, kShape, {row.data(), 4, row.data(), 4}, {table.data(), table.data(), 200});
    plan.Add(*sequence, &position, 0, 1);
  };
  const std::string message = MessageOf<std::invalid_argument>([&] { write(127); });
  EXPECT_NE(std::string::npos, message.find("lies in a shared block; write from 128 on"))
      << message;
  const int64_t position = 127;
  EXPECT_THROW(BeginStep(*sequence, 0, &position, 1, 200), std::invalid_argument);
  write(128);
  Cover(*sequence, 192);
  sequence->Publish(KeysOf("abc"));
  EXPECT_THROW(write(128), std::invalid_argument);  // published, so others may share it
}

TEST(SharedBlocksTest, OnlyCoveredBlocksArePublished) {
  const auto pool = KvPool::Create(kShape, 4);
  const auto sequence = pool->Reserve(128);
  Cover(*sequence, 127);
  EXPECT_EQ("2 blocks hold 128 tokens, but layer 0 covers 127",
            MessageOf<std::logic_error>([&] { sequence->Publish(KeysOf("ab")); }));
  EXPECT_EQ(0, pool->Statistics().cached_block_count);
  sequence->Publish(KeysOf("a"));
  EXPECT_EQ(1, pool->Statistics().cached_block_count);
  EXPECT_EQ("3 block keys for a reservation of 2 blocks; give one for each full block",
            MessageOf<std::invalid_argument>([&] { pool->Reserve(128, KeysOf("abc")); }));
}

TEST(SharedBlocksTest, ASequenceThatSharesBlocksInjectsAndCapturesNothing) {
  const auto pool = KvPool::Create(kShape, 8);
  Prefilled(*pool, "a");
  const auto sequence = pool->Reserve(128, KeysOf("a"));
  const auto chunk = pool->AllocateChunk(5);
  EXPECT_THROW(sequence->Capture(chunk, 64), std::logic_error);
  for (int layer = 0; layer < kShape.layer_count; ++layer) chunk->CommitRows(layer, 5);
  EXPECT_THROW(sequence->Inject(chunk, 64), std::logic_error);
}

TEST(SharedBlocksTest, DroppedBlocksAreFreeWithTheirLastUser) {
  const auto pool = KvPool::Create(kShape, 8);
  Prefilled(*pool, "xy");
  auto user = Prefilled(*pool, "ab", 65);
  EXPECT_EQ(4, pool->DropCachedBlocks());
  EXPECT_EQ(0, pool->Statistics().cached_block_count);
  EXPECT_EQ(0, SharedBlocks(*pool, "xy"));
  EXPECT_EQ(0, SharedBlocks(*pool, "ab"));
  EXPECT_EQ(Content("ab", 1), ContentOf(*user, 1));
  Cover(*user, 192);
  user->Publish(KeysOf("abc"));  // behind dropped blocks: not cached
  EXPECT_EQ(0, pool->Statistics().cached_block_count);
  EXPECT_EQ(4, pool->Statistics().reserved_block_count);
  EXPECT_TRUE(pool->Violations().empty());
  user.reset();
  EXPECT_EQ(8, pool->Statistics().free_block_count);
  EXPECT_TRUE(pool->Violations().empty());
}

// Prompts over three letters, in a pool that holds a few of them.
TEST(SharedBlocksTest, KvOfRunningSequencesSurvivesRandomUse) {
  const unsigned seed = 14;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const auto pool = KvPool::Create(kShape, 20);
  struct Running {
    std::string prompt;
    std::shared_ptr<KvSequence> sequence;
  };
  std::deque<Running> running;
  int64_t shared_count = 0, refused_count = 0;
  for (int round = 0; round < 5000; ++round) {
    const unsigned action = random() % 100;
    if (action < 60) {
      std::string prompt(1 + random() % 6, ' ');
      for (char& letter : prompt) letter = 'a' + random() % 3;
      try {
        auto sequence = pool->Reserve(prompt.size() * kBlockTokens + 1, KeysOf(prompt));
        shared_count += sequence->read_only_token_count();
        for (int64_t i = 0; i < sequence->read_only_token_count() / kBlockTokens; ++i) {
          ASSERT_EQ(Content(prompt, i), ContentOf(*sequence, i));
        }
        if (action < 50) Prefill(*sequence, prompt);  // others end before their prefill
        if (action < 50) running.push_back({prompt, sequence});
      } catch (const KvExhausted&) {
        ++refused_count;
      }
    } else if (action < 99 && !running.empty()) {
      running.erase(running.begin() + random() % running.size());
    } else if (action == 99) {
      pool->DropCachedBlocks();
    }
    for (const Running& each : running) {
      for (size_t i = 0; i < each.prompt.size(); ++i) {
        ASSERT_EQ(Content(each.prompt, i), ContentOf(*each.sequence, i)) << "round " << round;
      }
    }
    ASSERT_EQ(std::vector<std::string>{}, pool->Violations()) << "round " << round;
  }
  EXPECT_GT(shared_count, 0);
  EXPECT_GT(refused_count, 0);
  EXPECT_GT(pool->Statistics().evicted_block_count, 100);
  running.clear();
  EXPECT_EQ(20, pool->Statistics().free_block_count);
  pool->DropCachedBlocks();
  EXPECT_EQ(std::vector<std::string>{}, pool->Violations());
}

}  // namespace
}  // namespace cacheblend
