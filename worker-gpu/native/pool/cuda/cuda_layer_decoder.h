#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "pool/buffer.h"
#include "pool/cuda/cuda_event.h"
#include "pool/device.h"

namespace cacheblend {

// Copies encoded layers to one half of its memory on one stream, while the layers in the other half
// are decoded on another.
class CudaLayerDecoder : public LayerDecoder {
 public:
  struct Streams {
    int ordinal;  // of the device
    cudaStream_t copies, decodes;
  };

  // For a load with this many bytes in a layer of all its chunks.
  static int64_t StagingBytes(int64_t layer_byte_count);

  CudaLayerDecoder(Streams streams, const HeadForm& form, std::unique_ptr<Buffer> staging);
  ~CudaLayerDecoder() override;
  CudaLayerDecoder(const CudaLayerDecoder&) = delete;
  CudaLayerDecoder& operator=(const CudaLayerDecoder&) = delete;

  std::shared_ptr<const Fence> Enqueue(const std::vector<Upload>& layers) override;

 private:
  void Decode(const std::vector<Upload>& layers, std::byte* staging) const;

  const Streams streams_;
  const HeadForm form_;
  const std::unique_ptr<Buffer> staging_;
  std::shared_ptr<const CudaEvent> decoded_[2];  // the last use of each half
  int half_ = 0;
  bool open_ = false;  // work was enqueued that no event covers
};

}  // namespace cacheblend
