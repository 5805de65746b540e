#include "pool/host_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace cacheblend {

namespace {

// Files of a memory controller. Sizes are in bytes.
struct CgroupVersion {
  const char* mount;
  const char* limit_file;
  const char* usage_file;
  const char* reclaimable;  // key in memory.stat
};

constexpr CgroupVersion kV1{"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                            "memory.usage_in_bytes", "total_inactive_file"};
constexpr CgroupVersion kV2{"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"};

// The number after a key in a file of "key number" lines; with no key, the file's first word.
std::optional<int64_t> ReadNumber(const std::string& file, const std::string& key = "") {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string first;
    int64_t number;
    if (!key.empty() && !(words >> first && first == key)) continue;
    if (words >> number) return number;
    return std::nullopt;  // "max"
  }
  return std::nullopt;
}

void ApplyLimit(const std::string& folder, const CgroupVersion& version, DeviceMemory& memory) {
  const auto limit = ReadNumber(folder + "/" + version.limit_file);
  if (!limit) return;
  const int64_t usage = ReadNumber(folder + "/" + version.usage_file).value_or(0);
  const int64_t reclaimable = ReadNumber(folder + "/memory.stat", version.reclaimable).value_or(0);
  memory.total_byte_count = std::min(memory.total_byte_count, *limit);
  memory.free_byte_count =
      std::min(memory.free_byte_count,
               std::max<int64_t>(0, *limit - std::max<int64_t>(0, usage - reclaimable)));
}

// Applies the limits of a cgroup and its ancestors up to the mount's root. In a container that root
// may be the container's own cgroup, whatever path the kernel reports.
void ApplyLimits(const std::string& root, std::string path, const CgroupVersion& version,
                 DeviceMemory& memory) {
  if (path.find("..") != std::string::npos) path.clear();  // outside the cgroup namespace
  for (;;) {
    ApplyLimit(root + version.mount + path, version, memory);
    const size_t parent = path.find_last_of('/');
    if (parent == std::string::npos) return;
    path.resize(parent);
  }
}

bool HasMemoryController(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "memory") return true;
  }
  return false;
}

}  // namespace

DeviceMemory HostMemory(const std::string& root) {
  constexpr int64_t kUnknown = std::numeric_limits<int64_t>::max();
  const auto kilobytes = [&](const char* key) {
    const auto number = ReadNumber(root + "/proc/meminfo", key);
    return number ? *number * 1024 : kUnknown;
  };
  DeviceMemory memory{kilobytes("MemAvailable:"), kilobytes("MemTotal:")};
  // Lines are hierarchy:controllers:path; cgroup v2 has hierarchy 0 and no controllers.
  std::ifstream cgroups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(cgroups, line);) {
    std::istringstream parts(line);
    std::string hierarchy, controllers, path;
    std::getline(parts, hierarchy, ':');
    std::getline(parts, controllers, ':');
    std::getline(parts, path);
    if (hierarchy == "0") ApplyLimits(root, path, kV2, memory);
    if (HasMemoryController(controllers)) ApplyLimits(root, path, kV1, memory);
  }
  return memory;
}

}  // namespace cacheblend
