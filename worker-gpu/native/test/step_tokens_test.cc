#include "pool/step_tokens.h"

#include <gtest/gtest.h>

#include <memory>

namespace cacheblend {
namespace {

// Counts how often it is awaited.
class CountingFence : public Fence {
 public:
  void Wait() const override { ++count; }
  bool Passed() const override { return passed; }
  mutable int count = 0;
  bool passed = false;
};

TEST(StepTokensTest, AwaitReturnsTheTokensOfTheNewestStepAfterItsFence) {
  StepTokens tokens(KvStorage::kHost);
  EXPECT_TRUE(tokens.on_host());
  EXPECT_TRUE(tokens.Await().empty());
  EXPECT_TRUE(tokens.Arrived()) << "no step";
  const auto fence = std::make_shared<CountingFence>();
  tokens.host_ids()[0] = 7;
  tokens.host_ids()[1] = -1;
  tokens.Set(2, fence);
  EXPECT_FALSE(tokens.Arrived());
  fence->passed = true;
  EXPECT_TRUE(tokens.Arrived());
  EXPECT_EQ(0, fence->count);
  EXPECT_EQ((std::vector<int64_t>{7, -1}), tokens.Await());
  EXPECT_EQ(1, fence->count);

  tokens.host_ids()[0] = 8;
  tokens.Set(1, nullptr);
  EXPECT_EQ((std::vector<int64_t>{8}), tokens.Await());
  EXPECT_EQ(1, fence->count) << "the fence of another step";
}

}  // namespace
}  // namespace cacheblend
