#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pool/buffer.h"
#include "pool/device.h"
#include "pool/fence.h"

namespace cacheblend {

// The next tokens of a step: on the device for the step behind it, which can be enqueued before
// they are known, and in host memory. Another step may write them once the host has read them and
// the step behind is enqueued. Not thread-safe, but device_ids may be called beside Arrived and
// Await.
class StepTokens {
 public:
  // On a CUDA device, or KvStorage::kHost. Throws KvExhausted, or std::invalid_argument if there is
  // no such device.
  explicit StepTokens(int cuda_device_or_host);
  StepTokens(const StepTokens&) = delete;

  bool on_host() const { return on_host_; }
  // Both [kMaxStepSequences], in the order of the step. Host memory is page-locked for a CUDA
  // device.
  int64_t* device_ids() { return static_cast<int64_t*>(on_device_->data()); }
  int64_t* host_ids() { return static_cast<int64_t*>(in_host_memory_->data()); }

  // The step has `count` tokens. They have arrived when the device passes `arrived`; null: they
  // have arrived already.
  void Set(int64_t count, std::shared_ptr<const Fence> arrived);
  // Whether the tokens of the newest step have arrived.
  bool Arrived() const;
  // Blocks until they have arrived.
  std::vector<int64_t> Await();

 private:
  const bool on_host_;
  const std::shared_ptr<const Device> device_;
  const std::unique_ptr<Buffer> in_host_memory_, on_device_;
  std::shared_ptr<const Fence> arrived_;
  int64_t count_ = 0;
};

}  // namespace cacheblend
