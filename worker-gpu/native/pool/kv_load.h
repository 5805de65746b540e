#pragma once

#include <cstdint>

namespace cacheblend {

// Time that stored KV took to reach a sequence. README.md, "KV load", defines both values;
// 0 <= wait_nanos <= busy_nanos.
struct KvLoad {
  int64_t busy_nanos = 0;
  int64_t wait_nanos = 0;

  KvLoad& operator+=(const KvLoad& other) {
    busy_nanos += other.busy_nanos;
    wait_nanos += other.wait_nanos;
    return *this;
  }
};

// A load that runs on a device. Thread-safe.
class PendingKvLoad {
 public:
  virtual ~PendingKvLoad() = default;
  // Blocks until the load has ended.
  virtual KvLoad Wait() const = 0;
};

}  // namespace cacheblend
