#pragma once

#include <stdexcept>

namespace cacheblend {

// A device has too little free memory. Other errors of the caller are std::invalid_argument (a
// value) or std::logic_error (a state).
class KvExhausted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cacheblend
