#pragma once

#include <cstdint>

namespace cacheblend {

struct DeviceMemory {
  int64_t free_byte_count, total_byte_count;
};

}  // namespace cacheblend
