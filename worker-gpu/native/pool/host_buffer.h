#pragma once

#include <cstdint>

namespace cacheblend {

// Floats from the operating system: zero, page-aligned, and without cost until they are touched.
class HostBuffer {
 public:
  // Throws KvExhausted.
  explicit HostBuffer(int64_t float_count);
  ~HostBuffer();
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  float* data() const { return data_; }
  int64_t byte_count() const { return byte_count_; }

 private:
  int64_t byte_count_;
  float* data_;
};

}  // namespace cacheblend
