#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pool/device.h"
#include "pool/errors.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

// From the operating system: zero, page-aligned, and without cost until it is touched.
void* Map(int64_t byte_count, const char* what) {
  void* memory = mmap(nullptr, byte_count, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    throw KvExhausted(
        Text("no memory for ", byte_count, " bytes of ", what, ": ", std::strerror(errno)));
  }
  madvise(memory, byte_count, MADV_HUGEPAGE);  // advice: a kernel without it is as good
  return memory;
}

class HostBuffer : public Buffer {
 public:
  HostBuffer(int64_t byte_count, const char* what) : Buffer(Map(byte_count, what), byte_count) {}
  ~HostBuffer() override { munmap(data(), byte_count()); }
};

class Host : public Device {
 public:
  std::unique_ptr<Buffer> Allocate(int64_t byte_count, const char* what) const override {
    return std::make_unique<HostBuffer>(byte_count, what);
  }
  void Write(void* to, const void* from_host, int64_t byte_count) const override {
    std::memcpy(to, from_host, byte_count);
  }
  void Read(void* to_host, const void* from, int64_t byte_count) const override {
    std::memcpy(to_host, from, byte_count);
  }
  void Await() const override {}  // the caller does it itself
  MemoryFigures Memory() const override {
    const int64_t page = sysconf(_SC_PAGESIZE);
    return {sysconf(_SC_AVPHYS_PAGES) * page, sysconf(_SC_PHYS_PAGES) * page};
  }
};

}  // namespace

std::shared_ptr<const Device> OpenDevice(int cuda_device_or_host) {
  if (cuda_device_or_host != KvPlace::kHost) return OpenCudaDevice(cuda_device_or_host);
  static const auto* const host = new std::shared_ptr<const Device>(std::make_shared<Host>());
  return *host;
}

}  // namespace cacheblend
