#include "kernels/cuda/step_tables.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "test/cuda/blocked_stream.h"
#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

class StepTablesTest : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }

  static std::vector<int> Numbers(int first, int count) {
    std::vector<int> numbers(count);
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
  }

  // Copies a table to `to` on the stream, as a kernel would read it.
  static void Read(const int* table, const DeviceArray<int>& to, cudaStream_t stream) {
    Check(cudaMemcpyAsync(to.data(), table, to.Bytes(), cudaMemcpyDeviceToDevice, stream), "read");
  }
};

TEST_F(StepTablesTest, TheSameTableIsCopiedOnce) {
  const TestStream stream;
  StepTables tables;
  const int* first = tables.Upload(Numbers(0, 100), stream.stream());
  const int* other = tables.Upload(Numbers(1, 100), stream.stream());
  EXPECT_NE(first, other);
  EXPECT_EQ(first, tables.Upload(Numbers(0, 100), stream.stream()));
  EXPECT_NE(first, tables.Upload(Numbers(0, 99), stream.stream()));
  EXPECT_EQ(3, tables.copy_count());
}

// Replaced tables keep their bytes for the work that was enqueued before; the host does not wait.
TEST_F(StepTablesTest, TablesReachTheWorkThatFollowsThem) {
  constexpr int kCount = static_cast<int>(StepTables::kCapacity);
  BlockedStream stream;
  StepTables tables;
  std::vector<DeviceArray<int>> read;
  for (int i = 0; i < kCount; ++i) {
    read.emplace_back(2000);
    Read(tables.Upload(Numbers(i, 2000), stream.stream()), read.back(), stream.stream());
  }
  ASSERT_FALSE(stream.TimedOut());
  for (int i = kCount; i < 3 * kCount; ++i) {
    read.emplace_back(2000);
    Read(tables.Upload(Numbers(i, 2000), stream.stream()), read.back(), stream.stream());
  }
  Check(cudaStreamSynchronize(stream.stream()), "cudaStreamSynchronize");
  for (int i = 0; i < 3 * kCount; ++i) EXPECT_EQ(Numbers(i, 2000), read[i].ToHost()) << i;
}

TEST_F(StepTablesTest, TablesGrow) {
  const TestStream stream;
  StepTables tables;
  for (int i = 0; i < 100; ++i) {
    const DeviceArray<int> read(1 + i * 500);
    Read(tables.Upload(Numbers(i, 1 + i * 500), stream.stream()), read, stream.stream());
    Check(cudaStreamSynchronize(stream.stream()), "cudaStreamSynchronize");
    ASSERT_EQ(Numbers(i, 1 + i * 500), read.ToHost());
  }
}

TEST_F(StepTablesTest, FewValuesArePassedByValue) {
  const TestStream stream;
  StepTables tables;
  const std::vector<int> numbers = Numbers(5, 9);
  const PerSequence<int> few = tables.Pass(numbers.data(), 8, stream.stream());
  EXPECT_EQ(nullptr, few.table);
  EXPECT_EQ(12, few.few[7]);
  EXPECT_NE(nullptr, tables.Pass(numbers.data(), 9, stream.stream()).table);
  EXPECT_EQ(1, tables.copy_count());
}

}  // namespace
}  // namespace cacheblend::cuda
