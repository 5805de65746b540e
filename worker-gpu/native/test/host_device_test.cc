#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pool/device.h"
#include "pool/errors.h"

namespace cacheblend {
namespace {

const Device& Host() {
  static const auto host = OpenDevice(KvStorage::kHost);
  return *host;
}

TEST(HostDeviceTest, AllocatedMemoryIsCommitted) {
  const auto buffer = Host().Allocate(int64_t{10} << 20, "a test");
  const int64_t page_bytes = sysconf(_SC_PAGESIZE);
  std::vector<unsigned char> pages((buffer->byte_count() + page_bytes - 1) / page_bytes);
  ASSERT_EQ(0, mincore(buffer->data(), buffer->byte_count(), pages.data()));
  EXPECT_EQ(static_cast<int64_t>(pages.size()),
            std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return p & 1; }));
}

TEST(HostDeviceTest, AllocatedMemoryIsZero) {
  const auto buffer = Host().Allocate(5000, "a test");
  const auto* bytes = static_cast<const char*>(buffer->data());
  EXPECT_EQ(5000, std::count(bytes, bytes + 5000, 0));
}

TEST(HostDeviceTest, MoreThanTheFreeMemoryIsRefused) {
  const int64_t byte_count = Host().Memory().free_byte_count + (int64_t{1} << 32);
  try {
    Host().Allocate(byte_count, "KV blocks");
    FAIL() << "nothing was thrown";
  } catch (const KvExhausted& e) {
    const std::string message = e.what();
    EXPECT_EQ(0u, message.find("the host cannot allocate " + std::to_string(byte_count) +
                               " bytes for KV blocks: "))
        << message;
    EXPECT_NE(std::string::npos, message.find(" bytes are free")) << message;
  }
}

}  // namespace
}  // namespace cacheblend
