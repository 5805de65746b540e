#include "pool/kv_shape.h"

#include <stdexcept>

#include "kernels/kv_view.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

// Far above any model; keeps every product of sizes within 64 bits.
constexpr int kMaxSize = 1 << 16;

void CheckSize(const char* field, int value) {
  if (value >= 1 && value <= kMaxSize) return;
  throw std::invalid_argument(
      Text("KV shape: ", field, " is ", value, ", must be 1 to ", kMaxSize));
}

}  // namespace

void KvShape::Validate() const {
  CheckSize("layer count", layer_count);
  CheckSize("KV head count", kv_head_count);
  CheckSize("head size", head_size);
  if (head_size % 2 != 0) {
    throw std::invalid_argument(Text("KV shape: head size is ", head_size, ", must be even"));
  }
}

int64_t KvShape::KeyBlockSize() const { return RowSize() * kBlockTokens; }

int64_t KvShape::ValueBlockSize() const {
  return int64_t{kv_head_count} * kBlockTokens * ValueStride(head_size);
}

int64_t KvShape::BytesPerToken() const {
  return BlockSize() * static_cast<int64_t>(sizeof(float)) / kBlockTokens;
}

}  // namespace cacheblend
