#include "pool/kv_layout.h"

#include "kernels/kv_view.h"

namespace cacheblend {

int64_t KvLayout::KeyBlockBytes() const { return kBlockTokens * RowBytes(); }

int64_t KvLayout::ValueBlockBytes() const {
  // Only CPU kernels need values padded to whole vectors.
  const int row = storage.on_host() ? ValueStride(shape.head_size) : shape.head_size;
  return int64_t{shape.kv_head_count} * kBlockTokens * row * ElementBytes(storage.type);
}

int64_t KvLayout::BytesPerToken() const { return BlockBytes() / kBlockTokens; }

int64_t KvLayout::ChunkBytes(int64_t token_count) const {
  return 2 * shape.layer_count * token_count * RowBytes();
}

}  // namespace cacheblend
