#pragma once

#include <cstdint>

namespace cacheblend {

// Element type of KV, queries and attention output. Accumulation is always in fp32.
enum class ElementType { kFloat32, kFloat16, kBFloat16 };

inline constexpr int64_t ElementBytes(ElementType type) {
  return type == ElementType::kFloat32 ? 4 : 2;
}

}  // namespace cacheblend
