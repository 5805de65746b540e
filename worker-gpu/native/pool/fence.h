#pragma once

namespace cacheblend {

// A point in the work of a device. Thread-safe.
class Fence {
 public:
  virtual ~Fence() = default;
  // Blocks until the device has passed it.
  virtual void Wait() const = 0;
  // Also true if the device has failed, which Wait reports.
  virtual bool Passed() const = 0;
};

}  // namespace cacheblend
