#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/once_per_device.h"
#include "pool/cuda/cuda_event.h"

namespace cacheblend {

namespace {

using cuda::Check;

class EventPool {
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
    const std::lock_guard<std::mutex> lock(mutex_);
    free_[device].push_back(event);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<int, std::vector<cudaEvent_t>> free_;
};

// Never destroyed: sequences may outlive main.
EventPool& Events() {
  static auto* const events = new EventPool;
  return *events;
}

}  // namespace

CudaEvent::CudaEvent(cudaStream_t stream)
    : device_(cuda::CurrentDevice()), event_(Events().Take(device_)) {
  const cudaError_t code = cudaEventRecord(event_, stream);
  if (code != cudaSuccess) Events().Return(device_, event_);
  Check(code, "cudaEventRecord");
}

CudaEvent::~CudaEvent() { Events().Return(device_, event_); }

void CudaEvent::Wait() const { Check(cudaEventSynchronize(event_), "cudaEventSynchronize"); }

bool CudaEvent::Passed() const {
  if (cudaEventQuery(event_) != cudaErrorNotReady) return true;
  // The runtime has recorded it as the last error, which the next launch would report.
  static_cast<void>(cudaGetLastError());
  return false;
}

void CudaEvent::Join(cudaStream_t stream) const {
  Check(cudaStreamWaitEvent(stream, event_, 0), "cudaStreamWaitEvent");
}

double CudaEvent::NanosSince(const CudaEvent& other) const {
  float millis = 0;
  Check(cudaEventElapsedTime(&millis, other.event_, event_), "cudaEventElapsedTime");
  return millis * 1e6;
}

}  // namespace cacheblend
