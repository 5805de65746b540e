#pragma once

#include <cstdint>

namespace cacheblend {

// What KV, queries and attention output are made of. Sums are always fp32.
enum class ElementType { kFloat32, kFloat16, kBFloat16 };

inline constexpr int64_t ElementBytes(ElementType type) {
  return type == ElementType::kFloat32 ? 4 : 2;
}

}  // namespace cacheblend
