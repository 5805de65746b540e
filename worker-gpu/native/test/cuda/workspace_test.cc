#include <gtest/gtest.h>

#include <memory>

#include "ops/cuda_per_stream.h"
#include "pool/cuda/cuda_workspace.h"
#include "test/cuda/blocked_stream.h"
#include "test/cuda/device.h"

namespace cacheblend {
namespace {

class CudaWorkspaceTest : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }
};

TEST_F(CudaWorkspaceTest, StreamsDoNotShareAWorkspace) {
  const cuda::TestStream one, two;
  PerStream<CudaWorkspace> op;
  void* const first = op.Of(one.stream())->Get(1000);
  EXPECT_NE(first, op.Of(two.stream())->Get(1000));
  EXPECT_EQ(first, op.Of(one.stream())->Get(1000));
}

TEST_F(CudaWorkspaceTest, OpsOfAStreamShareAWorkspace) {
  const cuda::TestStream stream;
  PerStream<CudaWorkspace> one, two;
  EXPECT_EQ(one.Of(stream.stream())->Get(1000), two.Of(stream.stream())->Get(500));
}

TEST_F(CudaWorkspaceTest, AWorkspaceGrows) {
  CudaWorkspace workspace;
  workspace.Get(1000);
  void* const larger = workspace.Get(int64_t{1} << 20);
  cuda::Check(cudaMemset(larger, 0, int64_t{1} << 20), "cudaMemset");
  EXPECT_EQ(larger, workspace.Get(1000));
}

}  // namespace
}  // namespace cacheblend
