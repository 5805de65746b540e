#include <cstddef>
#include <exception>
#include <stdexcept>
#include <utility>

#include "kernels/cuda/check.h"
#include "kernels/cuda/kv_encoding.h"
#include "pool/cuda/cuda_layer_decoder.h"
#include "pool/cuda/on_device.h"

namespace cacheblend {

namespace {

using cuda::Check;

constexpr int64_t kAlignment = 16;
constexpr int64_t kHalfAlignment = 256;

int64_t Aligned(int64_t byte_count, int64_t alignment) {
  return (byte_count + alignment - 1) / alignment * alignment;
}

}  // namespace

int64_t CudaLayerDecoder::StagingBytes(int64_t layer_byte_count) {
  return 2 * Aligned(layer_byte_count, kHalfAlignment);
}

CudaLayerDecoder::CudaLayerDecoder(Streams streams, const HeadForm& form,
                                   std::unique_ptr<Buffer> staging)
    : streams_(streams), form_(form), staging_(std::move(staging)) {}

CudaLayerDecoder::~CudaLayerDecoder() {
  try {
    const OnDevice on(streams_.ordinal);
    if (open_) Check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    for (const auto& decoded : decoded_) {
      if (decoded != nullptr) decoded->Wait();
    }
  } catch (const std::exception&) {
    // A failed device does no more work.
  }
}

std::shared_ptr<const Fence> CudaLayerDecoder::Enqueue(const std::vector<Upload>& layers) {
  const OnDevice on(streams_.ordinal);
  const int64_t half_bytes = staging_->byte_count() / 2;
  auto* const staging = static_cast<std::byte*>(staging_->data()) + half_ * half_bytes;
  if (decoded_[half_] != nullptr) decoded_[half_]->Join(streams_.copies);
  open_ = true;
  int64_t used = 0;
  for (const Upload& layer : layers) {
    if (used + layer.byte_count > half_bytes) {
      throw std::logic_error("a load has more bytes in a layer than its decoder has memory for");
    }
    Check(cudaMemcpyAsync(staging + used, layer.from_host, layer.byte_count, cudaMemcpyHostToDevice,
                          streams_.copies),
          "cudaMemcpyAsync to device");
    used += Aligned(layer.byte_count, kAlignment);
  }
  CudaEvent(streams_.copies).Join(streams_.decodes);
  Decode(layers, staging);
  decoded_[half_] = std::make_shared<const CudaEvent>(streams_.decodes);
  open_ = false;
  return decoded_[std::exchange(half_, 1 - half_)];
}

void CudaLayerDecoder::Decode(const std::vector<Upload>& layers, std::byte* staging) const {
  cuda::DecodeHeadsParams params{};
  params.head_size = form_.head_size;
  params.type = form_.type;
  params.encoding = form_.encoding;
  for (const Upload& layer : layers) {
    if (params.run_count == cuda::DecodeHeadsParams::kMaxRuns) {
      cuda::DecodeHeads(params, streams_.decodes);
      params.run_count = 0;
    }
    const int64_t heads = form_.HeadCount(layer.byte_count);
    params.runs[params.run_count++] = {CodesOf(staging, form_, heads), layer.to, heads};
    staging += Aligned(layer.byte_count, kAlignment);
  }
  cuda::DecodeHeads(params, streams_.decodes);
}

}  // namespace cacheblend
