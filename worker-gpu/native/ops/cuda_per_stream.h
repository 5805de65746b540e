#pragma once

#include <cuda_runtime_api.h>

#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "kernels/cuda/once_per_device.h"

namespace cacheblend {

// One T for each stream of each device, created on first use and shared by all PerStream<T>
// objects. A T lives as long as one of them uses it. Thread-safe.
template <typename T>
class PerStream {
  using Key = std::pair<int, cudaStream_t>;  // device, stream

 public:
  std::shared_ptr<T> Of(cudaStream_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Key key{cuda::CurrentDevice(), stream};
    for (const auto& [its_key, object] : used_) {
      if (its_key == key) return object;
    }
    used_.emplace_back(key, Find(key));
    return used_.back().second;
  }

 private:
  struct Known {
    std::mutex mutex;
    std::map<Key, std::weak_ptr<T>> of;
  };

  static std::shared_ptr<T> Find(const Key& key) {
    static auto* const known = new Known;  // never destroyed: sessions may outlive main
    const std::lock_guard<std::mutex> lock(known->mutex);
    for (auto at = known->of.begin(); at != known->of.end();) {
      at = at->second.expired() ? known->of.erase(at) : std::next(at);
    }
    std::weak_ptr<T>& weak = known->of[key];
    std::shared_ptr<T> found = weak.lock();
    if (found == nullptr) weak = found = std::make_shared<T>();
    return found;
  }

  std::mutex mutex_;
  std::vector<std::pair<Key, std::shared_ptr<T>>> used_;  // sessions have few streams
};

}  // namespace cacheblend
