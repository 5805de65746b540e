#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <stdexcept>

#include "kernels/cuda/check.h"
#include "kernels/cuda/kv_encoding.h"
#include "pool/cuda/cuda_event.h"
#include "pool/cuda/cuda_layer_decoder.h"
#include "pool/cuda/cuda_memory_pool.h"
#include "pool/cuda/on_device.h"
#include "pool/device.h"
#include "pool/errors.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

using cuda::Check;

template <typename Allocation>
void* AllocateOn(int ordinal, int64_t byte_count, const char* purpose,
                 const Allocation& allocation) {
  try {
    return allocation();
  } catch (const cuda::CudaError& e) {
    if (e.code() != cudaErrorMemoryAllocation) throw;
    cudaGetLastError();  // clears the error: the device itself is sound
    throw KvExhausted(
        Text("cuda:", ordinal, " cannot allocate ", byte_count, " bytes for ", purpose));
  }
}

void* Malloc(int ordinal, int64_t byte_count) {
  const OnDevice on(ordinal);
  void* memory = nullptr;
  Check(cudaMalloc(&memory, byte_count), "cudaMalloc");
  return memory;
}

class CudaBuffer : public Buffer {
 public:
  CudaBuffer(int ordinal, int64_t byte_count, const char* purpose)
      : Buffer(
            AllocateOn(ordinal, byte_count, purpose, [&] { return Malloc(ordinal, byte_count); }),
            byte_count) {}
  ~CudaBuffer() override { cudaFree(data()); }
};

class PooledBuffer : public Buffer {
 public:
  PooledBuffer(std::shared_ptr<const CudaMemoryPool> pool, int ordinal, int64_t byte_count,
               const char* purpose)
      : Buffer(AllocateOn(ordinal, byte_count, purpose, [&] { return pool->Allocate(byte_count); }),
               byte_count),
        pool_(std::move(pool)) {}
  ~PooledBuffer() override { pool_->Free(data()); }

 private:
  const std::shared_ptr<const CudaMemoryPool> pool_;
};

// Page-locked memory. Pages that are populated before are locked much faster than cudaHostAlloc
// makes them.
class PinnedBuffer : public Buffer {
 public:
  PinnedBuffer(std::unique_ptr<Buffer> pages, const char* purpose)
      : Buffer(pages->data(), pages->byte_count()), pages_(std::move(pages)) {
    const cudaError_t code = cudaHostRegister(data(), byte_count(), cudaHostRegisterPortable);
    if (code == cudaSuccess) return;
    cudaGetLastError();
    throw KvExhausted(Text("the host cannot lock ", byte_count(), " bytes for ", purpose, ": ",
                           cudaGetErrorString(code)));
  }
  ~PinnedBuffer() override { cudaHostUnregister(data()); }

 private:
  const std::unique_ptr<Buffer> pages_;
};

class CudaDevice : public Device {
 public:
  explicit CudaDevice(int ordinal)
      : ordinal_(ordinal), pool_(std::make_shared<CudaMemoryPool>(ordinal)) {
    const OnDevice on(ordinal_);
    for (cudaStream_t* stream : {&writes_, &uploads_, &downloads_}) {
      Check(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    }
    int lowest = 0, highest = 0;
    Check(cudaDeviceGetStreamPriorityRange(&lowest, &highest), "cudaDeviceGetStreamPriorityRange");
    // Thread blocks of a step would hold up the short kernels that its next layer waits for.
    Check(cudaStreamCreateWithPriority(&decodes_, cudaStreamNonBlocking, highest),
          "cudaStreamCreateWithPriority");
  }
  ~CudaDevice() override {
    for (cudaStream_t stream : {writes_, uploads_, downloads_, decodes_}) cudaStreamDestroy(stream);
  }

  std::unique_ptr<Buffer> Allocate(int64_t byte_count, const char* purpose) const override {
    return std::make_unique<CudaBuffer>(ordinal_, byte_count, purpose);
  }

  std::unique_ptr<Buffer> AllocatePooled(int64_t byte_count, const char* purpose) const override {
    return std::make_unique<PooledBuffer>(pool_, ordinal_, byte_count, purpose);
  }

  std::unique_ptr<Buffer> AllocateHost(int64_t byte_count, const char* purpose) const override {
    const OnDevice on(ordinal_);
    return std::make_unique<PinnedBuffer>(
        OpenDevice(KvStorage::kHost)->Allocate(byte_count, purpose), purpose);
  }

  std::shared_ptr<const Fence> Enqueue(const std::vector<Upload>& uploads) const override {
    const OnDevice on(ordinal_);
    for (const Upload& upload : uploads) {
      Check(cudaMemcpyAsync(upload.to, upload.from_host, upload.byte_count, cudaMemcpyHostToDevice,
                            uploads_),
            "cudaMemcpyAsync to device");
    }
    return std::make_shared<const CudaEvent>(uploads_);
  }

  void Download(void* to_host, const void* from, int64_t byte_count) const override {
    const OnDevice on(ordinal_);
    Check(cudaMemcpyAsync(to_host, from, byte_count, cudaMemcpyDeviceToHost, downloads_),
          "cudaMemcpyAsync to host");
    Check(cudaStreamSynchronize(downloads_), "cudaStreamSynchronize");
  }

  void DownloadEncoded(void* to_host, const void* from,
                       const EncodedLayers& layers) const override {
    const HeadForm& form = layers.form;
    const int64_t layer_bytes = layers.LayerBytes();
    const auto codes = AllocatePooled(layer_bytes, "an encoded layer");
    const OnDevice on(ordinal_);
    for (int64_t layer = 0; layer < layers.layer_count; ++layer) {
      const auto* heads =
          static_cast<const std::byte*>(from) + layer * form.ElementBytesOf(layers.head_count);
      cuda::EncodeHeads({heads, layers.head_count, form.head_size, form.type, form.encoding,
                         CodesOf(codes->data(), form, layers.head_count)},
                        downloads_);
      Check(cudaMemcpyAsync(static_cast<std::byte*>(to_host) + layer * layer_bytes, codes->data(),
                            layer_bytes, cudaMemcpyDeviceToHost, downloads_),
            "cudaMemcpyAsync to host");
    }
    Check(cudaStreamSynchronize(downloads_), "cudaStreamSynchronize");
  }

  std::unique_ptr<LayerDecoder> Decoder(const HeadForm& form,
                                        int64_t max_layer_byte_count) const override {
    return std::make_unique<CudaLayerDecoder>(
        CudaLayerDecoder::Streams{ordinal_, uploads_, decodes_}, form,
        AllocatePooled(CudaLayerDecoder::StagingBytes(max_layer_byte_count), "encoded layers"));
  }

  void Write(void* to, const void* from_host, int64_t byte_count) const override {
    const OnDevice on(ordinal_);
    Check(cudaMemcpyAsync(to, from_host, byte_count, cudaMemcpyHostToDevice, writes_),
          "cudaMemcpyAsync to device");
    Check(cudaStreamSynchronize(writes_), "cudaStreamSynchronize");
  }

  void Read(void* to_host, const void* from, int64_t byte_count) const override {
    const OnDevice on(ordinal_);
    Synchronize();
    Check(cudaMemcpy(to_host, from, byte_count, cudaMemcpyDeviceToHost), "cudaMemcpy to host");
  }

  void Synchronize() const override {
    const OnDevice on(ordinal_);
    Check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  DeviceMemory Memory() const override {
    const OnDevice on(ordinal_);
    size_t free = 0, total = 0;
    Check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return {static_cast<int64_t>(free), static_cast<int64_t>(total)};
  }

 private:
  const int ordinal_;
  const std::shared_ptr<const CudaMemoryPool> pool_;
  cudaStream_t writes_ = nullptr, uploads_ = nullptr, downloads_ = nullptr, decodes_ = nullptr;
};

}  // namespace

std::shared_ptr<const Device> OpenCudaDevice(int ordinal) {
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code != cudaSuccess) {
    cudaGetLastError();
    throw std::invalid_argument(
        Text("cuda:", ordinal, " is not available: ", cudaGetErrorString(code)));
  }
  if (ordinal < 0 || ordinal >= count) {
    throw std::invalid_argument(Text("cuda:", ordinal, " does not exist; this machine has ", count,
                                     " CUDA device(s), numbered from 0"));
  }
  return std::make_shared<CudaDevice>(ordinal);
}

bool HasCudaKernels() { return true; }

}  // namespace cacheblend
