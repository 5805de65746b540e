#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/element_type.h"
#include "kernels/kv_encoding.h"
#include "pool/fence.h"

namespace cacheblend {

struct Upload;

// Heads in the memory of a device and in host memory.
struct HeadForm {
  KvEncoding encoding;  // in host memory, not kNative
  ElementType type;     // on the device
  int head_size;

  int64_t ElementBytesOf(int64_t head_count) const {
    return head_count * head_size * ElementBytes(type);
  }
  int64_t EncodedBytes(int64_t head_count) const { return head_count * (head_size + kScaleBytes); }
  int64_t HeadCount(int64_t encoded_byte_count) const {
    return encoded_byte_count / (head_size + kScaleBytes);
  }
};

// Encoded layers of a chunk in host memory. A layer: codes of keys, then of values, each
// [token][KV head][head size]; then scales of keys and of values, each [token][KV head].
struct EncodedLayers {
  HeadForm form;
  int64_t head_count;  // of keys and values of one layer
  int64_t layer_count;

  int64_t LayerBytes() const { return form.EncodedBytes(head_count); }
  int64_t ByteCount() const { return layer_count * LayerBytes(); }
};

// Codes and scales of an encoded layer.
inline HeadCodes CodesOf(void* layer, const HeadForm& form, int64_t head_count) {
  auto* codes = static_cast<uint8_t*>(layer);
  return {codes, reinterpret_cast<float*>(codes + head_count * form.head_size)};
}

// Decodes layers on their way from host memory to a device. Used by one thread at a time.
class LayerDecoder {
 public:
  // Returns when nothing uses the decoder's memory.
  virtual ~LayerDecoder() = default;
  // As Device::Enqueue, for one encoded layer in each upload.
  virtual std::shared_ptr<const Fence> Enqueue(const std::vector<Upload>& layers) = 0;
};

}  // namespace cacheblend
