#pragma once

#include <string>

#include "pool/device_memory.h"

namespace cacheblend {

// Memory that this process can use: the machine's, within the limits of its cgroups (v1 and v2) and
// their ancestors. Page cache that the kernel can drop counts as free. `root` is the folder that
// holds proc/ and sys/; a missing file sets no limit.
DeviceMemory HostMemory(const std::string& root = "");

}  // namespace cacheblend
