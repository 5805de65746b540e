#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "pool/buffer.h"

namespace cacheblend {

// Device memory, and a copy of the bytes that the host has written to its beginning.
struct DeviceTable {
  std::unique_ptr<Buffer> memory;
  std::vector<std::byte> content;

  bool Holds(const void* bytes, int64_t byte_count) const {
    return static_cast<int64_t>(content.size()) >= byte_count &&
           std::memcmp(content.data(), bytes, byte_count) == 0;
  }
};

}  // namespace cacheblend
