#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "kernels/cuda/check.h"

namespace cacheblend::cuda {

// Times work on a stream with events.
class StreamTimer {
 public:
  StreamTimer() {
    Check(cudaStreamCreate(&stream_), "cudaStreamCreate");
    Check(cudaEventCreate(&start_), "cudaEventCreate");
    Check(cudaEventCreate(&stop_), "cudaEventCreate");
  }
  StreamTimer(const StreamTimer&) = delete;
  ~StreamTimer() {
    cudaEventDestroy(start_);
    cudaEventDestroy(stop_);
    cudaStreamDestroy(stream_);
  }

  cudaStream_t stream() const { return stream_; }

  // Median over several rounds, after a warm-up round.
  double MedianSeconds(const std::function<void()>& work) const {
    constexpr int kRounds = 9;
    std::vector<double> seconds;
    for (int round = 0; round <= kRounds; ++round) {
      Check(cudaEventRecord(start_, stream_), "cudaEventRecord");
      work();
      Check(cudaEventRecord(stop_, stream_), "cudaEventRecord");
      Check(cudaEventSynchronize(stop_), "timed work");
      float millis = 0;
      Check(cudaEventElapsedTime(&millis, start_, stop_), "cudaEventElapsedTime");
      if (round > 0) seconds.push_back(millis / 1e3);
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds[kRounds / 2];
  }

 private:
  cudaStream_t stream_;
  cudaEvent_t start_, stop_;
};

// Median seconds per launch of a sequence of `launch(i, stream)`, i = 0, 1, … It is replayed as a
// CUDA graph, so that host launch time is excluded.
inline double SecondsPerLaunch(int launches, const std::function<void(int, cudaStream_t)>& launch) {
  const StreamTimer timer;
  cudaGraph_t graph;
  cudaGraphExec_t replay;
  launch(0, timer.stream());  // one-time setup must not be captured
  Check(cudaStreamBeginCapture(timer.stream(), cudaStreamCaptureModeThreadLocal), "capture");
  for (int i = 0; i < launches; ++i) launch(i, timer.stream());
  Check(cudaStreamEndCapture(timer.stream(), &graph), "capture");
  Check(cudaGraphInstantiate(&replay, graph, 0), "cudaGraphInstantiate");
  const double seconds = timer.MedianSeconds(
      [&] { Check(cudaGraphLaunch(replay, timer.stream()), "cudaGraphLaunch"); });
  cudaGraphExecDestroy(replay);
  cudaGraphDestroy(graph);
  return seconds / launches;
}

}  // namespace cacheblend::cuda
