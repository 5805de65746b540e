#pragma once

#include <sstream>
#include <string>

namespace cacheblend {

// Concatenates the parts.
template <typename... Parts>
std::string Text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

}  // namespace cacheblend
