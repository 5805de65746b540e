#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "pool/fence.h"

namespace cacheblend {

// Arrival of the layers of a chunk that is loaded, in ascending order. Thread-safe.
class LayerArrivals {
 public:
  explicit LayerArrivals(int layer_count) : layer_count_(layer_count) {}

  // The copy of the next layer is enqueued, or has ended (null).
  void Arrive(std::shared_ptr<const Fence> fence);
  // The remaining layers will not arrive. No effect after the last layer.
  void Fail();

  // Blocks until the copy of the layer is enqueued, or the load has failed. Returns the fence of
  // the copy; null where there is nothing to wait for.
  std::shared_ptr<const Fence> Await(int layer) const;
  // Blocks until all copies that were enqueued have ended.
  void AwaitAll() const;
  // Whether the copies of all layers are enqueued.
  bool complete() const { return complete_; }
  // All layers have arrived: later calls of Await return at once.
  void Settle();

 private:
  const int layer_count_;
  std::atomic<bool> complete_{false};
  std::atomic<bool> settled_{false};
  mutable std::mutex mutex_;  // guards all below
  mutable std::condition_variable changed_;
  std::vector<std::shared_ptr<const Fence>> fences_;  // of the layers so far
  bool failed_ = false;
};

}  // namespace cacheblend
