#pragma once

#include <cstdint>
#include <vector>

#include "kernels/element_type.h"

namespace cacheblend {

// Converts elements of a type to fp32, exactly.
std::vector<float> ToFloats(const void* elements, int64_t count, ElementType type);

}  // namespace cacheblend
