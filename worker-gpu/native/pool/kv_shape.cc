#include "pool/kv_shape.h"

#include <stdexcept>

#include "pool/text.h"

namespace cacheblend {

namespace {

// Far above any model, and keeps every product of sizes within 64 bits.
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

}  // namespace cacheblend
