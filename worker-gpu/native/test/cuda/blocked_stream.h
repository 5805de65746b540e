#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <future>

#include "kernels/cuda/check.h"

namespace cacheblend::cuda {

// A stream whose work cannot proceed before Release. A call that waits for the whole device blocks
// until then, so a test that releases after the call proves that the call does not wait. The time
// limit only ends a test that would hang; TimedOut reports it.
class BlockedStream {
 public:
  BlockedStream() {
    Check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    Check(cudaLaunchHostFunc(stream_, Block, this), "cudaLaunchHostFunc");
  }
  ~BlockedStream() {
    Release();
    cudaStreamSynchronize(stream_);
    cudaStreamDestroy(stream_);
  }
  BlockedStream(const BlockedStream&) = delete;
  BlockedStream& operator=(const BlockedStream&) = delete;

  cudaStream_t stream() const { return stream_; }

  void Release() {
    if (released_) return;
    released_ = true;
    release_.set_value();
  }

  // Releases the stream and waits for it.
  bool TimedOut() {
    Release();
    Check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    return timed_out_;
  }

 private:
  static void CUDART_CB Block(void* data) {
    auto* self = static_cast<BlockedStream*>(data);
    self->timed_out_ =
        self->released_future_.wait_for(std::chrono::seconds(20)) != std::future_status::ready;
  }

  cudaStream_t stream_ = nullptr;
  std::promise<void> release_;
  std::future<void> released_future_ = release_.get_future();
  bool released_ = false;
  bool timed_out_ = false;
};

// A stream of its own for the work of a test.
class TestStream {
 public:
  TestStream() {
    Check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }
  ~TestStream() { cudaStreamDestroy(stream_); }
  TestStream(const TestStream&) = delete;
  TestStream& operator=(const TestStream&) = delete;

  cudaStream_t stream() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace cacheblend::cuda
