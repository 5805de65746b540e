#pragma once

#include <cstdint>

namespace cacheblend {

// Memory of a device, released with the object.
class Buffer {
 public:
  virtual ~Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void* data() const { return data_; }
  int64_t byte_count() const { return byte_count_; }

 protected:
  Buffer(void* data, int64_t byte_count) : data_(data), byte_count_(byte_count) {}

 private:
  void* const data_;
  const int64_t byte_count_;
};

}  // namespace cacheblend
