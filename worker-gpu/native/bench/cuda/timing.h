#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "kernels/cuda/check.h"

namespace cacheblend::cuda {

// Median seconds of one `launch(i, stream)` of a row of them, i counting up. They are replayed as a
// graph, so that the host's launches are not in it.
inline double MedianSeconds(int launches, const std::function<void(int, cudaStream_t)>& launch) {
  constexpr int kRounds = 9;
  cudaStream_t stream;
  cudaGraph_t graph;
  cudaGraphExec_t replay;
  cudaEvent_t start, stop;
  Check(cudaStreamCreate(&stream), "cudaStreamCreate");
  Check(cudaEventCreate(&start), "cudaEventCreate");
  Check(cudaEventCreate(&stop), "cudaEventCreate");
  launch(0, stream);  // what is set up once is not captured
  Check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "capture");
  for (int i = 0; i < launches; ++i) launch(i, stream);
  Check(cudaStreamEndCapture(stream, &graph), "capture");
  Check(cudaGraphInstantiate(&replay, graph, 0), "cudaGraphInstantiate");
  std::vector<double> seconds;
  for (int round = 0; round <= kRounds; ++round) {
    Check(cudaEventRecord(start, stream), "cudaEventRecord");
    Check(cudaGraphLaunch(replay, stream), "cudaGraphLaunch");
    Check(cudaEventRecord(stop, stream), "cudaEventRecord");
    Check(cudaEventSynchronize(stop), "replay");
    float millis = 0;
    Check(cudaEventElapsedTime(&millis, start, stop), "cudaEventElapsedTime");
    if (round > 0) seconds.push_back(millis / 1e3 / launches);
  }
  cudaGraphExecDestroy(replay);
  cudaGraphDestroy(graph);
  cudaEventDestroy(start);
  cudaEventDestroy(stop);
  cudaStreamDestroy(stream);
  std::sort(seconds.begin(), seconds.end());
  return seconds[kRounds / 2];
}

}  // namespace cacheblend::cuda
