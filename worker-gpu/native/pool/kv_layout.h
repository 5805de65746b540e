#pragma once

#include <cstdint>

#include "pool/device.h"
#include "pool/encoded_layers.h"
#include "pool/kv_shape.h"

namespace cacheblend {

// Memory layout of KV of a shape; see README.md, "KV memory". Sizes are in bytes.
struct KvLayout {
  KvShape shape;
  KvStorage storage;

  int64_t KeyBlockBytes() const;    // of one layer
  int64_t ValueBlockBytes() const;  // of one layer
  int64_t LayerBytes() const { return KeyBlockBytes() + ValueBlockBytes(); }
  int64_t BlockBytes() const { return shape.layer_count * LayerBytes(); }
  int64_t BytesPerToken() const;  // of a sequence
  int64_t RowBytes() const { return shape.RowSize() * ElementBytes(storage.type); }
  int64_t ChunkBytes(int64_t token_count) const;
  HeadForm HeadsIn(KvEncoding encoding) const { return {encoding, storage.type, shape.head_size}; }
};

}  // namespace cacheblend
