#include "pool/step_tokens.h"

#include <utility>

#include "kernels/kv_view.h"

namespace cacheblend {

namespace {

constexpr int64_t kByteCount = int64_t{kMaxStepSequences} * int64_t{sizeof(int64_t)};
constexpr char kPurpose[] = "the next tokens of a step";

}  // namespace

StepTokens::StepTokens(int cuda_device_or_host)
    : on_host_(cuda_device_or_host == KvStorage::kHost),
      device_(OpenDevice(cuda_device_or_host)),
      in_host_memory_(device_->AllocateHost(kByteCount, kPurpose)),
      on_device_(device_->Allocate(kByteCount, kPurpose)) {}

void StepTokens::Set(int64_t count, std::shared_ptr<const Fence> arrived) {
  count_ = count;
  arrived_ = std::move(arrived);
}

bool StepTokens::Arrived() const { return arrived_ == nullptr || arrived_->Passed(); }

std::vector<int64_t> StepTokens::Await() {
  if (arrived_ != nullptr) arrived_->Wait();
  arrived_ = nullptr;
  return {host_ids(), host_ids() + count_};
}

}  // namespace cacheblend
