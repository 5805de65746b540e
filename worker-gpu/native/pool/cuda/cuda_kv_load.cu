#include <algorithm>
#include <cmath>

#include "pool/cuda/cuda_kv_load.h"

namespace cacheblend {

CudaKvLoad::CudaKvLoad(cudaStream_t side) : side_(side), start_(side) {}

void CudaKvLoad::Stop() { stop_ = std::make_unique<CudaEvent>(side_); }

KvLoad CudaKvLoad::Wait() const {
  stop_->Wait();
  ready_->Wait();
  const double busy = std::max(0.0, stop_->NanosSince(start_));
  const double waited = std::clamp(stop_->NanosSince(*ready_), 0.0, busy);
  return {std::llround(busy), std::llround(waited)};
}

KvLoad CudaKvLoadShare::Wait() const {
  const KvLoad all = load_->Wait();
  return {std::llround(static_cast<double>(all.busy_nanos) * share_),
          std::llround(static_cast<double>(all.wait_nanos) * share_)};
}

}  // namespace cacheblend
