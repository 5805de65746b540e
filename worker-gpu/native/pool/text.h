#pragma once

#include <sstream>
#include <string>

namespace cacheblend {

// All parts, one after another.
template <typename... Parts>
std::string Text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

}  // namespace cacheblend
