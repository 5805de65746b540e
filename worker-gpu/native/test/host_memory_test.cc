#include "pool/host_memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace cacheblend {
namespace {

constexpr int64_t kGiB = int64_t{1} << 30;

// A machine of 64 GiB, 40 GiB of them free, described by files in a folder.
class HostMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(root_);
    Write(
        "/proc/meminfo",
        "MemTotal:       67108864 kB\nMemFree:         1048576 kB\nMemAvailable:   41943040 kB\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& file, const std::string& content) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + file).parent_path());
    std::ofstream(root_ + file) << content;
  }

  void ExpectGiB(int64_t free, int64_t total) const {
    const DeviceMemory memory = HostMemory(root_);
    EXPECT_EQ(free * kGiB, memory.free_byte_count);
    EXPECT_EQ(total * kGiB, memory.total_byte_count);
  }

  static std::string GiB(int64_t count) { return std::to_string(count * kGiB) + "\n"; }

  const std::string root_ =
      (std::filesystem::temp_directory_path() /
       ("host_memory_test_" +
        std::string(testing::UnitTest::GetInstance()->current_test_info()->name())))
          .string();
};

TEST_F(HostMemoryTest, WithoutCgroupsTheMachineIsTheLimit) { ExpectGiB(40, 64); }

TEST_F(HostMemoryTest, CgroupV2LimitsFreeAndTotal) {
  Write("/proc/self/cgroup", "0::/pods/worker\n");
  Write("/sys/fs/cgroup/pods/worker/memory.max", GiB(8));
  Write("/sys/fs/cgroup/pods/worker/memory.current", GiB(5));
  Write("/sys/fs/cgroup/pods/worker/memory.stat",
        "anon 1\nfile 2\ninactive_file " + GiB(2) + "active_file 3\n");
  ExpectGiB(5, 8);
}

TEST_F(HostMemoryTest, TheTightestAncestorIsTheLimit) {
  Write("/proc/self/cgroup", "0::/pods/worker\n");
  Write("/sys/fs/cgroup/pods/worker/memory.max", "max\n");
  Write("/sys/fs/cgroup/pods/worker/memory.current", GiB(5));
  Write("/sys/fs/cgroup/pods/memory.max", GiB(10));
  Write("/sys/fs/cgroup/pods/memory.current", GiB(9));
  ExpectGiB(1, 10);
}

TEST_F(HostMemoryTest, CgroupV1LimitsFreeAndTotal) {
  Write("/proc/self/cgroup", "12:pids:/x\n5:cpu,memory:/docker/abc\n0::/init\n");
  Write("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", GiB(6));
  Write("/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", GiB(4));
  Write("/sys/fs/cgroup/memory/docker/abc/memory.stat",
        "inactive_file 0\ntotal_inactive_file " + GiB(1));
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  Write("/sys/fs/cgroup/memory/memory.usage_in_bytes", GiB(30));
  ExpectGiB(3, 6);
}

// In a container the mount's root is the container's own cgroup.
TEST_F(HostMemoryTest, TheRootOfTheMountCounts) {
  Write("/proc/self/cgroup", "0::/../../elsewhere\n");
  Write("/sys/fs/cgroup/memory.max", GiB(4));
  Write("/sys/fs/cgroup/memory.current", GiB(1));
  ExpectGiB(3, 4);
}

TEST_F(HostMemoryTest, UsageAboveTheLimitLeavesNothing) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/memory.max", GiB(4));
  Write("/sys/fs/cgroup/memory.current", GiB(5));
  ExpectGiB(0, 4);
}

TEST(HostMemoryOfThisMachineTest, IsPlausible) {
  const DeviceMemory memory = HostMemory();
  EXPECT_GT(memory.free_byte_count, 0);
  EXPECT_LE(memory.free_byte_count, memory.total_byte_count);
  EXPECT_LT(memory.total_byte_count, int64_t{1} << 50);
}

}  // namespace
}  // namespace cacheblend
