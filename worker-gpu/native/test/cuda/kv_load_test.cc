#include <gtest/gtest.h>

#include <memory>

#include "pool/cuda/cuda_event.h"
#include "pool/cuda/cuda_kv_load.h"
#include "test/cuda/blocked_stream.h"
#include "test/cuda/device.h"

namespace cacheblend {
namespace {

class CudaKvLoadTest : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }

  static constexpr int64_t kBytes = int64_t{64} << 20;
};

// Compute reaches the layer before the load starts, so it waits for all of it.
TEST_F(CudaKvLoadTest, ALoadThatComputeIsReadyForIsAllWait) {
  const cuda::TestStream side, compute;
  const cuda::DeviceArray<char> memory(kBytes);
  const auto ready = std::make_shared<CudaEvent>(compute.stream());
  ready->Wait();
  CudaKvLoad load(side.stream());
  cuda::Check(cudaMemsetAsync(memory.data(), 0, kBytes, side.stream()), "cudaMemsetAsync");
  load.Stop();
  load.ComputeReady(ready);
  const KvLoad time = load.Wait();
  EXPECT_GT(time.busy_nanos, 0);
  EXPECT_EQ(time.busy_nanos, time.wait_nanos);
}

// The load has ended before compute reaches the layer.
TEST_F(CudaKvLoadTest, ALoadThatEndsBeforeComputeIsReadyIsNoWait) {
  const cuda::TestStream side;
  cuda::BlockedStream compute;
  const cuda::DeviceArray<char> memory(kBytes);
  CudaKvLoad load(side.stream());
  cuda::Check(cudaMemsetAsync(memory.data(), 0, kBytes, side.stream()), "cudaMemsetAsync");
  load.Stop();
  load.ComputeReady(std::make_shared<CudaEvent>(compute.stream()));
  cuda::Check(cudaStreamSynchronize(side.stream()), "cudaStreamSynchronize");
  ASSERT_FALSE(compute.TimedOut());
  const KvLoad time = load.Wait();
  EXPECT_GT(time.busy_nanos, 0);
  EXPECT_EQ(0, time.wait_nanos);
}

TEST_F(CudaKvLoadTest, SequencesShareALoad) {
  const cuda::TestStream side, compute;
  const cuda::DeviceArray<char> memory(kBytes);
  const auto ready = std::make_shared<CudaEvent>(compute.stream());
  ready->Wait();
  const auto load = std::make_shared<CudaKvLoad>(side.stream());
  cuda::Check(cudaMemsetAsync(memory.data(), 0, kBytes, side.stream()), "cudaMemsetAsync");
  load->Stop();
  load->ComputeReady(ready);
  const KvLoad all = load->Wait(), quarter = CudaKvLoadShare(load, 0.25).Wait();
  EXPECT_NEAR(0.25 * static_cast<double>(all.busy_nanos), static_cast<double>(quarter.busy_nanos),
              1);
  EXPECT_EQ(quarter.busy_nanos, quarter.wait_nanos);
}

}  // namespace
}  // namespace cacheblend
