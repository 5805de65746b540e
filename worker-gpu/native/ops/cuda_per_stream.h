#pragma once

#include <cuda_runtime_api.h>

#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "kernels/cuda/once_per_device.h"

namespace cacheblend {

// A T for each stream of each device, made where it is first asked for. All that ask for the same
// stream get the same one; it lives as long as one of them does. Thread-safe.
template <typename T>
class PerStream {
  using Place = std::pair<int, cudaStream_t>;  // device, stream

 public:
  std::shared_ptr<T> Of(cudaStream_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Place place{cuda::CurrentDevice(), stream};
    if (last_ == nullptr || place_ != place) {
      last_ = Find(place);
      place_ = place;
    }
    return last_;
  }

 private:
  struct Known {
    std::mutex mutex;
    std::map<Place, std::weak_ptr<T>> of;
  };

  static std::shared_ptr<T> Find(const Place& place) {
    static auto* const known = new Known;  // never destroyed: sessions may outlive main
    const std::lock_guard<std::mutex> lock(known->mutex);
    for (auto at = known->of.begin(); at != known->of.end();) {
      at = at->second.expired() ? known->of.erase(at) : std::next(at);
    }
    std::weak_ptr<T>& weak = known->of[place];
    std::shared_ptr<T> found = weak.lock();
    if (found == nullptr) weak = found = std::make_shared<T>();
    return found;
  }

  std::mutex mutex_;
  Place place_;
  std::shared_ptr<T> last_;  // of place_
};

}  // namespace cacheblend
