#pragma once

#include <cstdint>

#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/wgmma.cuh"

// Layout of the threads and the shared memory of a thread block.
namespace cacheblend::cuda::sm90 {

inline constexpr int kWarpgroup = 128, kConsumers = 2 * kWarpgroup,
                     kThreads = kConsumers + kWarpgroup;
inline constexpr int kGroupPairs = kSm90TilePairs / 2;
inline constexpr int kStages = 2;

// Named barriers.
inline constexpr int kTurn = 1;          // + warpgroup: it may issue to the tensor cores
inline constexpr int kGroupSync = 3;     // + warpgroup: all its threads
inline constexpr int kConsumerSync = 5;  // both warpgroups

template <typename Element, int kHeadSize>
struct Layout {
  using T = Element;
  static constexpr int kHead = kHeadSize;  // smaller heads are zero-padded
  static constexpr int kPanels = (kHead + kPanelColumns - 1) / kPanelColumns;
  static constexpr int kPanelBytes = kSm90Keys * kPanelRowBytes;  // also of queries
  static constexpr int kTileBytes = kPanels * kPanelBytes;
  // Queries, then kStages of keys, then kStages of values.
  static constexpr int kKeysAt = kTileBytes, kValuesAt = kKeysAt + kStages * kTileBytes;
  static constexpr int kBarriersAt = kValuesAt + kStages * kTileBytes;
  static constexpr int kAlignment = 1024;
  static constexpr int kBytes = kBarriersAt + 4 * kStages * 8 + kAlignment;
  static_assert(kSm90TilePairs == kSm90Keys);
};

// Shared-memory addresses.
template <typename L>
struct Shared {
  uint32_t base;
  __device__ uint32_t Queries(int group) const {
    return base + group * kGroupPairs * kPanelRowBytes;
  }
  __device__ uint32_t Keys(int stage) const { return base + L::kKeysAt + stage * L::kTileBytes; }
  __device__ uint32_t Values(int stage) const {
    return base + L::kValuesAt + stage * L::kTileBytes;
  }
  __device__ uint32_t Barrier(int index) const { return base + L::kBarriersAt + 8 * index; }
  __device__ uint32_t KeysFull(int stage) const { return Barrier(stage); }
  __device__ uint32_t KeysEmpty(int stage) const { return Barrier(kStages + stage); }
  __device__ uint32_t ValuesFull(int stage) const { return Barrier(2 * kStages + stage); }
  __device__ uint32_t ValuesEmpty(int stage) const { return Barrier(3 * kStages + stage); }
};

// Stage of the i-th block, and the phase parity of its barriers.
struct Turn {
  int stage;
  uint32_t parity;
  __device__ explicit Turn(int i) : stage(i % kStages), parity(i / kStages & 1) {}
};

__device__ inline void StoreShared(uint32_t to, uint4 x) {
  asm volatile("st.shared.v4.b32 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(x.x), "r"(x.y), "r"(x.z),
               "r"(x.w)
               : "memory");
}
__device__ inline void StoreShared(uint32_t to, uint32_t x) {
  asm volatile("st.shared.b32 [%0], %1;" ::"r"(to), "r"(x) : "memory");
}
__device__ inline uint4 LoadShared(uint32_t from) {
  uint4 x;
  asm volatile("ld.shared.v4.b32 {%0, %1, %2, %3}, [%4];"
               : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
               : "r"(from)
               : "memory");
  return x;
}

// Byte offset of the 16-byte piece at column 8 * piece.
template <typename L>
__device__ uint32_t PieceOffset(int row, int piece) {
  return piece / 8 * L::kPanelBytes + row * kPanelRowBytes + ((piece ^ row) & 7) * 16;
}

}  // namespace cacheblend::cuda::sm90
