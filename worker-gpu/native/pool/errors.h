#pragma once

#include <stdexcept>

namespace cacheblend {

// Memory that was asked for cannot be had. Everything else the caller did wrong is a
// std::invalid_argument (the value) or a std::logic_error (the state).
class KvExhausted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cacheblend
