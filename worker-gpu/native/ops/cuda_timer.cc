#include "ops/cuda_timer.h"

#include <cmath>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/cuda/check.h"

namespace cacheblend {

namespace {

using cuda::Check;

// Events cost more to make than to record, and every layer of a blend needs two: they are used
// again, on the device that made them.
class Events {
 public:
  cudaEvent_t Take(int device) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      std::vector<cudaEvent_t>& free = free_[device];
      if (!free.empty()) {
        const cudaEvent_t event = free.back();
        free.pop_back();
        return event;
      }
    }
    cudaEvent_t event = nullptr;
    Check(cudaEventCreate(&event), "cudaEventCreate");
    return event;
  }

  void Return(int device, cudaEvent_t event) {
    if (event == nullptr) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    free_[device].push_back(event);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<int, std::vector<cudaEvent_t>> free_;
};

// Never destroyed: sequences may outlive main.
Events& TheEvents() {
  static auto* const events = new Events;
  return *events;
}

}  // namespace

CudaTimer::CudaTimer(cudaStream_t stream) : stream_(stream) {
  Check(cudaGetDevice(&device_), "cudaGetDevice");
  start_ = TheEvents().Take(device_);
  Check(cudaEventRecord(start_, stream_), "cudaEventRecord");
}

CudaTimer::~CudaTimer() {
  TheEvents().Return(device_, start_);
  TheEvents().Return(device_, stop_);
}

void CudaTimer::Stop() {
  stop_ = TheEvents().Take(device_);
  Check(cudaEventRecord(stop_, stream_), "cudaEventRecord");
}

int64_t CudaTimer::Wait() const {
  Check(cudaEventSynchronize(stop_), "cudaEventSynchronize");
  float millis = 0;
  Check(cudaEventElapsedTime(&millis, start_, stop_), "cudaEventElapsedTime");
  return std::llround(millis * 1e6);
}

}  // namespace cacheblend
