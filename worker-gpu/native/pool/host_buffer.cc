#include "pool/host_buffer.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "pool/errors.h"
#include "pool/text.h"

namespace cacheblend {

HostBuffer::HostBuffer(int64_t float_count) {
  constexpr int64_t kFloatBytes = sizeof(float);
  if (float_count > std::numeric_limits<int64_t>::max() / kFloatBytes) {
    throw KvExhausted(Text("no memory for ", float_count, " floats of KV"));
  }
  byte_count_ = float_count * kFloatBytes;
  void* memory = mmap(nullptr, byte_count_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    throw KvExhausted(Text("no memory for ", byte_count_, " bytes of KV: ", std::strerror(errno)));
  }
  madvise(memory, byte_count_, MADV_HUGEPAGE);  // advice: a kernel without it is as good
  data_ = static_cast<float*>(memory);
}

HostBuffer::~HostBuffer() { munmap(data_, byte_count_); }

}  // namespace cacheblend
