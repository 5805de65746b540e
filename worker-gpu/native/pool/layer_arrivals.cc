#include "pool/layer_arrivals.h"

#include <utility>

namespace cacheblend {

void LayerArrivals::Arrive(std::shared_ptr<const Fence> fence) {
  const std::lock_guard<std::mutex> lock(mutex_);
  fences_.push_back(std::move(fence));
  complete_ = static_cast<int>(fences_.size()) == layer_count_;
  changed_.notify_all();
}

void LayerArrivals::Fail() {
  const std::lock_guard<std::mutex> lock(mutex_);
  failed_ = !complete_;
  changed_.notify_all();
}

std::shared_ptr<const Fence> LayerArrivals::Await(int layer) const {
  if (settled_) return nullptr;
  std::unique_lock<std::mutex> lock(mutex_);
  const auto index = static_cast<size_t>(layer);
  changed_.wait(lock, [&] { return failed_ || settled_ || index < fences_.size(); });
  return index < fences_.size() ? fences_[index] : nullptr;
}

void LayerArrivals::AwaitAll() const {
  std::shared_ptr<const Fence> last;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!fences_.empty()) last = fences_.back();
  }
  if (last != nullptr) last->Wait();
}

void LayerArrivals::Settle() {
  AwaitAll();
  const std::lock_guard<std::mutex> lock(mutex_);
  settled_ = complete_.load();
  if (settled_) fences_.clear();
}

}  // namespace cacheblend
