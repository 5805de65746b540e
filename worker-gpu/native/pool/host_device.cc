#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "pool/device.h"
#include "pool/errors.h"
#include "pool/host_memory.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

#ifndef MADV_POPULATE_WRITE
constexpr int MADV_POPULATE_WRITE = 23;  // Linux 5.14
#endif

// Commits every page now: memory that is only mapped ends in the OOM killer when it is used.
bool Populate(void* memory, int64_t byte_count) {
  if (madvise(memory, byte_count, MADV_POPULATE_WRITE) == 0) return true;
  if (errno != EINVAL) return false;
  const int64_t page = sysconf(_SC_PAGESIZE);  // a kernel without MADV_POPULATE_WRITE
  for (int64_t i = 0; i < byte_count; i += page) static_cast<volatile char*>(memory)[i] = 0;
  return true;
}

[[noreturn]] void Exhausted(int64_t byte_count, const char* purpose, const char* reason) {
  throw KvExhausted(
      Text("the host cannot allocate ", byte_count, " bytes for ", purpose, ": ", reason));
}

// Zero and page-aligned.
void* Map(int64_t byte_count, const char* purpose) {
  const int64_t free = HostMemory().free_byte_count;
  if (byte_count > free) Exhausted(byte_count, purpose, Text(free, " bytes are free").c_str());
  void* memory =
      mmap(nullptr, byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) Exhausted(byte_count, purpose, std::strerror(errno));
  madvise(memory, byte_count, MADV_HUGEPAGE);  // optional: not every kernel has huge pages
  if (!Populate(memory, byte_count)) {
    const int error = errno;
    munmap(memory, byte_count);
    Exhausted(byte_count, purpose, std::strerror(error));
  }
  return memory;
}

class HostBuffer : public Buffer {
 public:
  HostBuffer(int64_t byte_count, const char* purpose)
      : Buffer(Map(byte_count, purpose), byte_count) {}
  ~HostBuffer() override { munmap(data(), byte_count()); }
};

class HostDecoder : public LayerDecoder {
 public:
  explicit HostDecoder(const HeadForm& form) : form_(form) {}
  std::shared_ptr<const Fence> Enqueue(const std::vector<Upload>& layers) override {
    for (const Upload& layer : layers) {
      const int64_t heads = form_.HeadCount(layer.byte_count);
      const HeadCodes codes = CodesOf(const_cast<void*>(layer.from_host), form_, heads);
      DecodeHeads(form_.encoding, codes, heads, form_.head_size, static_cast<float*>(layer.to));
    }
    return nullptr;
  }

 private:
  const HeadForm form_;
};

class Host : public Device {
 public:
  std::unique_ptr<Buffer> Allocate(int64_t byte_count, const char* purpose) const override {
    return std::make_unique<HostBuffer>(byte_count, purpose);
  }
  std::unique_ptr<Buffer> AllocatePooled(int64_t byte_count, const char* purpose) const override {
    return Allocate(byte_count, purpose);
  }
  std::unique_ptr<Buffer> AllocateHost(int64_t byte_count, const char* purpose) const override {
    return Allocate(byte_count, purpose);
  }
  std::shared_ptr<const Fence> Enqueue(const std::vector<Upload>& uploads) const override {
    for (const Upload& upload : uploads) Write(upload.to, upload.from_host, upload.byte_count);
    return nullptr;
  }
  void Download(void* to_host, const void* from, int64_t byte_count) const override {
    std::memcpy(to_host, from, byte_count);
  }
  void DownloadEncoded(void* to_host, const void* from,
                       const EncodedLayers& layers) const override {
    for (int64_t layer = 0; layer < layers.layer_count; ++layer) {
      const int64_t first = layer * layers.head_count * layers.form.head_size;
      EncodeHeads(layers.form.encoding, static_cast<const float*>(from) + first, layers.head_count,
                  layers.form.head_size,
                  CodesOf(static_cast<std::byte*>(to_host) + layer * layers.LayerBytes(),
                          layers.form, layers.head_count));
    }
  }
  std::unique_ptr<LayerDecoder> Decoder(const HeadForm& form, int64_t) const override {
    return std::make_unique<HostDecoder>(form);
  }
  void Write(void* to, const void* from_host, int64_t byte_count) const override {
    std::memcpy(to, from_host, byte_count);
  }
  void Read(void* to_host, const void* from, int64_t byte_count) const override {
    std::memcpy(to_host, from, byte_count);
  }
  void Synchronize() const override {}  // the caller's thread does all work
  DeviceMemory Memory() const override { return HostMemory(); }
};

}  // namespace

std::shared_ptr<const Device> OpenDevice(int cuda_device_or_host) {
  if (cuda_device_or_host != KvStorage::kHost) return OpenCudaDevice(cuda_device_or_host);
  static const auto* const host = new std::shared_ptr<const Device>(std::make_shared<Host>());
  return *host;
}

}  // namespace cacheblend
