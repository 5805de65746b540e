#pragma once

#include "kernels/cuda/gated_tiles_layout.cuh"
#include "kernels/cuda/gated_tiles_wgmma.cuh"

namespace cacheblend::cuda::tiles {

// Gives a stage back to both that write into it.
template <typename L>
__device__ void Release(const Shared<L>& shared, int stage) {
  const int lane = threadIdx.x % 32;
  if (lane < 2) ArriveIn(lane, shared.Empty(stage));
}

// sum = rows . weights^T, of a warpgroup's rows: a thread has rows lane / 4 and lane / 4 + 8 of its
// warp's 16, and of every 8 columns two; first the gate's.
template <typename L>
__device__ void MultiplyTile(int depth, int group, const Shared<L>& shared, Stage<L>* stage,
                             float (&sum)[L::kColumns]) {
  int last = 0;
  for (int step = 0; step < depth; ++step) {
    AwaitPhase(shared.Full(stage->index), stage->parity);
    const uint32_t rows = shared.Rows(stage->index, group);
    const uint32_t weights = shared.Weights(stage->index, 0);
    FenceRegisters();
#pragma unroll
    for (int part = 0; part < kTileDepth / 16; ++part) {
      MultiplyRows<typename L::T>(sum, MatrixDescriptor(rows + 32 * part, 0),
                                  MatrixDescriptor(weights + 32 * part, 0), part > 0 || step > 0);
    }
    CommitMultiplications();
    if (step > 0) {
      AwaitMultiplications<1>();
      Release(shared, last);
    }
    last = stage->index;
    stage->Advance();
  }
  AwaitMultiplications<0>();
  Pin(sum);
  Release(shared, last);
}

}  // namespace cacheblend::cuda::tiles
