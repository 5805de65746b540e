#include <cuda_runtime_api.h>

#include <stdexcept>

#include "kernels/cuda/check.h"
#include "pool/device.h"
#include "pool/errors.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

using cuda::Check;

// Makes a device the thread's own, and gives the thread back as it was.
class OnDevice {
 public:
  explicit OnDevice(int ordinal) {
    Check(cudaGetDevice(&before_), "cudaGetDevice");
    if (before_ != ordinal) Check(cudaSetDevice(ordinal), "cudaSetDevice");
  }
  ~OnDevice() { cudaSetDevice(before_); }

 private:
  int before_ = 0;
};

void* AllocateOn(int ordinal, int64_t byte_count, const char* what) {
  const OnDevice on(ordinal);
  void* memory = nullptr;
  const cudaError_t code = cudaMalloc(&memory, byte_count);
  if (code == cudaSuccess) return memory;
  cudaGetLastError();  // a failed allocation leaves the device as it was; so shall the next call
  if (code != cudaErrorMemoryAllocation) throw cuda::CudaError(code, "cudaMalloc");
  throw KvExhausted(Text("cuda:", ordinal, " has no room for ", byte_count, " bytes of ", what));
}

// Freeing waits for the work of the device, so nothing still uses what goes.
class CudaBuffer : public Buffer {
 public:
  CudaBuffer(int ordinal, int64_t byte_count, const char* what)
      : Buffer(AllocateOn(ordinal, byte_count, what), byte_count) {}
  ~CudaBuffer() override { cudaFree(data()); }
};

class CudaDevice : public Device {
 public:
  explicit CudaDevice(int ordinal) : ordinal_(ordinal) {
    const OnDevice on(ordinal_);
    Check(cudaStreamCreateWithFlags(&writes_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }
  ~CudaDevice() override { cudaStreamDestroy(writes_); }

  std::unique_ptr<Buffer> Allocate(int64_t byte_count, const char* what) const override {
    return std::make_unique<CudaBuffer>(ordinal_, byte_count, what);
  }

  void Write(void* to, const void* from_host, int64_t byte_count) const override {
    const OnDevice on(ordinal_);
    Check(cudaMemcpyAsync(to, from_host, byte_count, cudaMemcpyHostToDevice, writes_),
          "cudaMemcpyAsync to device");
    Check(cudaStreamSynchronize(writes_), "cudaStreamSynchronize");
  }

  void Read(void* to_host, const void* from, int64_t byte_count) const override {
    const OnDevice on(ordinal_);
    Await();
    Check(cudaMemcpy(to_host, from, byte_count, cudaMemcpyDeviceToHost), "cudaMemcpy to host");
  }

  void Await() const override {
    const OnDevice on(ordinal_);
    Check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  MemoryFigures Memory() const override {
    const OnDevice on(ordinal_);
    size_t free = 0, total = 0;
    Check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return {static_cast<int64_t>(free), static_cast<int64_t>(total)};
  }

 private:
  const int ordinal_;
  cudaStream_t writes_ = nullptr;
};

}  // namespace

std::shared_ptr<const Device> OpenCudaDevice(int ordinal) {
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code != cudaSuccess) {
    cudaGetLastError();
    throw std::invalid_argument(
        Text("device cuda:", ordinal, ": CUDA does not run here: ", cudaGetErrorString(code)));
  }
  if (ordinal < 0 || ordinal >= count) {
    throw std::invalid_argument(Text("device cuda:", ordinal, ": this machine has ", count,
                                     " CUDA device(s), counted from 0"));
  }
  return std::make_shared<CudaDevice>(ordinal);
}

}  // namespace cacheblend
