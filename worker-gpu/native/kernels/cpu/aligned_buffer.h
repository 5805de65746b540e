#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace cacheblend {

// Untyped memory that only grows, aligned to a cache line. Growing discards the contents.
class AlignedBuffer {
 public:
  static constexpr int64_t kAlignment = 64;

  std::byte* Reserve(int64_t byte_count) {
    if (byte_count > byte_count_) {
      memory_.reset(static_cast<std::byte*>(operator new(byte_count, Alignment())));
      byte_count_ = byte_count;
    }
    return memory_.get();
  }

 private:
  static constexpr std::align_val_t Alignment() { return std::align_val_t{kAlignment}; }
  struct Delete {
    void operator()(std::byte* memory) const { operator delete(memory, Alignment()); }
  };

  std::unique_ptr<std::byte, Delete> memory_;
  int64_t byte_count_ = 0;
};

}  // namespace cacheblend
