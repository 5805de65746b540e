#include "kernels/cuda/take_rows.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

// Works on the bits of 16-bit elements. Guard elements surround the table.
std::vector<uint16_t> Taken(int64_t table_rows, int64_t size, const std::vector<int64_t>& rows) {
  std::vector<uint16_t> all((table_rows + 2) * size, 0xeeee);
  std::iota(all.begin() + size, all.end() - size, uint16_t{1});
  const DeviceArray<uint16_t> memory(all);
  const DeviceArray<int64_t> named(rows);
  const DeviceArray<uint16_t> to(static_cast<int64_t>(rows.size()) * size);
  to.Fill(0xff);
  TakeRows({memory.data() + size, named.data(), table_rows, static_cast<int64_t>(rows.size()), size,
            ElementType::kBFloat16, to.data()},
           nullptr);
  Check(cudaDeviceSynchronize(), "TakeRows");
  return to.ToHost();
}

TEST(CudaTakeRowsTest, GathersRows) {
  SKIP_WITHOUT_GPU();
  for (const int64_t size : {1, 7, 8, 600, 4096, 4100}) {
    const std::vector<int64_t> rows = {4, 0, 4, 2};
    const std::vector<uint16_t> taken = Taken(5, size, rows);
    for (size_t r = 0; r < rows.size(); ++r) {
      for (int64_t i = 0; i < size; ++i) {
        ASSERT_EQ(static_cast<uint16_t>(rows[r] * size + i + 1), taken[r * size + i])
            << "row " << r << " element " << i << " of " << size;
      }
    }
  }
}

TEST(CudaTakeRowsTest, RowsOutOfRangeAreZero) {
  SKIP_WITHOUT_GPU();
  for (const int64_t size : {3, 16}) {
    for (const uint16_t x : Taken(5, size, {-1, 5, int64_t{1} << 40})) ASSERT_EQ(0, x) << size;
  }
}

}  // namespace
}  // namespace cacheblend::cuda
