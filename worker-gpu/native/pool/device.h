#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/element_type.h"
#include "pool/buffer.h"
#include "pool/device_memory.h"
#include "pool/encoded_layers.h"
#include "pool/fence.h"

namespace cacheblend {

// The memory that holds KV, and the number format in it.
struct KvStorage {
  static constexpr int kHost = -1;

  int cuda_device = kHost;  // ordinal, or kHost
  ElementType type = ElementType::kFloat32;

  bool on_host() const { return cuda_device == kHost; }
};

// A copy from host memory to a device.
struct Upload {
  void* to;
  const void* from_host;
  int64_t byte_count;  // in host memory
};

// Memory of the host or of one CUDA device. Thread-safe.
class Device {
 public:
  virtual ~Device() = default;

  // Both throw KvExhausted where the device has too little free memory; `purpose` names the
  // allocation in the message. The memory is committed: using it cannot fail later.
  virtual std::unique_ptr<Buffer> Allocate(int64_t byte_count, const char* purpose) const = 0;
  // For memory that comes and goes while steps run: neither allocation nor release waits for the
  // device. No device work may use the buffer when it is destroyed.
  virtual std::unique_ptr<Buffer> AllocatePooled(int64_t byte_count, const char* purpose) const = 0;

  // Host memory for uploads and downloads, page-locked where the device can use that. Throws
  // KvExhausted.
  virtual std::unique_ptr<Buffer> AllocateHost(int64_t byte_count, const char* purpose) const = 0;
  // Enqueues copies from such memory, behind earlier uploads and beside all other work. They have
  // arrived when the device passes the fence; null: they have arrived already. A fence of a CUDA
  // device is a CudaEvent.
  virtual std::shared_ptr<const Fence> Enqueue(const std::vector<Upload>& uploads) const = 0;
  // Copies bytes that no work of the device changes. Returns when they have arrived, and waits for
  // no other work.
  virtual void Download(void* to_host, const void* from, int64_t byte_count) const = 0;

  // The same for layers that are encoded in host memory. `from`: layers of the device's form, one
  // after the other; `to_host`: layers of `layers`. Throws KvExhausted.
  virtual void DownloadEncoded(void* to_host, const void* from,
                               const EncodedLayers& layers) const = 0;
  // For one load of chunks with at most this many bytes of a layer in host memory. Throws
  // KvExhausted.
  virtual std::unique_ptr<LayerDecoder> Decoder(const HeadForm& form,
                                                int64_t max_layer_byte_count) const = 0;

  // Both return when the bytes have arrived. Read synchronizes with the device first, Write does
  // not.
  virtual void Write(void* to, const void* from_host, int64_t byte_count) const = 0;
  virtual void Read(void* to_host, const void* from, int64_t byte_count) const = 0;

  // Blocks until all work enqueued on the device has ended.
  virtual void Synchronize() const = 0;

  virtual DeviceMemory Memory() const = 0;
};

// Throw std::invalid_argument if there is no such device, or the library was built without CUDA.
std::shared_ptr<const Device> OpenDevice(int cuda_device_or_host);
std::shared_ptr<const Device> OpenCudaDevice(int ordinal);

// Whether the library contains the CUDA kernels.
bool HasCudaKernels();

}  // namespace cacheblend
