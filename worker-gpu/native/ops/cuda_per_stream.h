#pragma once

#include <cuda_runtime_api.h>

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "kernels/cuda/check.h"

namespace cacheblend {

// A T for each stream of each device, made where it is first asked for. All that ask for the same
// stream get the same one; it lives as long as one of them does. Thread-safe.
template <typename T>
class PerStream {
 public:
  std::shared_ptr<T> Of(cudaStream_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (last_ == nullptr || stream_ != stream) {
      last_ = Find(stream);
      stream_ = stream;
    }
    return last_;
  }

 private:
  struct Known {
    std::mutex mutex;
    std::map<std::pair<int, cudaStream_t>, std::weak_ptr<T>> of;
  };

  static std::shared_ptr<T> Find(cudaStream_t stream) {
    static auto* const known = new Known;  // never destroyed: sessions may outlive main
    int device = 0;
    cuda::Check(cudaGetDevice(&device), "cudaGetDevice");
    const std::lock_guard<std::mutex> lock(known->mutex);
    std::weak_ptr<T>& weak = known->of[{device, stream}];
    std::shared_ptr<T> found = weak.lock();
    if (found == nullptr) weak = found = std::make_shared<T>();
    return found;
  }

  std::mutex mutex_;
  cudaStream_t stream_ = nullptr;
  std::shared_ptr<T> last_;  // of stream_
};

}  // namespace cacheblend
