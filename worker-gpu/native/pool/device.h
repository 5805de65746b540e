#pragma once

#include <cstdint>
#include <memory>

#include "kernels/element_type.h"
#include "pool/buffer.h"

namespace cacheblend {

// Where KV lives, and what it is made of there.
struct KvPlace {
  static constexpr int kHost = -1;

  int cuda_device = kHost;  // ordinal, or kHost
  ElementType type = ElementType::kFloat32;

  bool on_host() const { return cuda_device == kHost; }
};

struct MemoryFigures {
  int64_t free_byte_count, total_byte_count;
};

// Memory of the host or of one CUDA device. Thread-safe.
class Device {
 public:
  virtual ~Device() = default;

  // Throws KvExhausted. `what` says in the message what the bytes are for.
  virtual std::unique_ptr<Buffer> Allocate(int64_t byte_count, const char* what) const = 0;

  // Both wait until the bytes are there. Read comes after all work that was given to the device,
  // Write waits for none of it.
  virtual void Write(void* to, const void* from_host, int64_t byte_count) const = 0;
  virtual void Read(void* to_host, const void* from, int64_t byte_count) const = 0;

  // Until all work that was given to the device is done.
  virtual void Await() const = 0;

  virtual MemoryFigures Memory() const = 0;
};

// Throw std::invalid_argument where there is no such device, or the library was built without CUDA.
std::shared_ptr<const Device> OpenDevice(int cuda_device_or_host);
std::shared_ptr<const Device> OpenCudaDevice(int ordinal);

}  // namespace cacheblend
