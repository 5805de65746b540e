#pragma once

#include <cstdint>
#include <vector>

#include "kernels/element_type.h"

namespace cacheblend {

// Elements of a type as floats, exactly.
std::vector<float> ToFloats(const void* elements, int64_t count, ElementType type);

}  // namespace cacheblend
