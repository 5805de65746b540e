#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "kernels/cuda/per_sequence.h"

namespace cacheblend::cuda {

// Copies of host tables in device memory, for the kernels of one stream. A table with the same
// bytes as a recent one is not copied again: the layers of a step share tables, and the steps of
// the same decoding sequences do. Not thread-safe.
class StepTables {
 public:
  // Tables that are remembered. A table stays valid for kernels that are enqueued before this many
  // others are uploaded.
  static constexpr size_t kCapacity = 32;

  StepTables() = default;
  ~StepTables();
  StepTables(const StepTables&) = delete;
  StepTables& operator=(const StepTables&) = delete;

  // Returns the copy, which kernels that are enqueued on the stream later can read. Always for the
  // same stream. The host does not wait for the device, except for copies kCapacity tables ago.
  // Throws CudaError.
  const void* Upload(const void* bytes, size_t byte_count, cudaStream_t stream);

  template <typename T>
  const T* Upload(const std::vector<T>& values, cudaStream_t stream) {
    static_assert(std::is_trivially_copyable_v<T>);
    return static_cast<const T*>(Upload(values.data(), values.size() * sizeof(T), stream));
  }

  // The values of a step's sequences as a kernel parameter.
  template <typename T>
  PerSequence<T> Pass(const T* values, int64_t count, cudaStream_t stream) {
    static_assert(std::is_trivially_copyable_v<T>);
    PerSequence<T> passed{};
    if (count <= PerSequence<T>::kMaxByValue) {
      std::copy_n(values, count, passed.few);
    } else {
      passed.table = static_cast<const T*>(Upload(values, count * sizeof(T), stream));
    }
    return passed;
  }

  // Copies to the device so far.
  int64_t copy_count() const { return copy_count_; }

 private:
  struct Table {
    void* device = nullptr;
    void* host = nullptr;  // pinned: the copy to the device is asynchronous
    size_t capacity = 0, byte_count = 0;
    cudaEvent_t copied = nullptr;
  };

  static void Reserve(Table& table, size_t byte_count);

  std::vector<Table> tables_;  // least recently used first
  int64_t copy_count_ = 0;
};

}  // namespace cacheblend::cuda
