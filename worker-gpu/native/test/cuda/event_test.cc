#include <gtest/gtest.h>

#include "pool/cuda/cuda_event.h"
#include "test/cuda/blocked_stream.h"
#include "test/cuda/device.h"

namespace cacheblend {
namespace {

TEST(CudaEventTest, IsPassedOnceItsStreamIs) {
  SKIP_WITHOUT_GPU();
  cuda::BlockedStream stream;
  const CudaEvent event(stream.stream());
  EXPECT_FALSE(event.Passed());
  EXPECT_EQ(cudaSuccess, cudaGetLastError()) << "the next launch would report it";
  stream.Release();
  event.Wait();
  EXPECT_TRUE(event.Passed());
}

}  // namespace
}  // namespace cacheblend
