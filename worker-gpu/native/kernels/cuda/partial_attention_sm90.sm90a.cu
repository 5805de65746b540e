#include <algorithm>

#include "kernels/cuda/check.h"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_mma_ops.cuh"
#include "kernels/cuda/partial_attention_plan.h"
#include "kernels/cuda/partial_attention_setup.h"
#include "kernels/cuda/partial_attention_sm90_ops.cuh"
#include "kernels/cuda/partial_attention_softmax.cuh"
#include "kernels/cuda/partial_attention_tensor_maps.h"
#include "kernels/cuda/partial_attention_wgmma.cuh"

// A thread block stays on its multiprocessor and takes one tile after the other, so that keys of
// the next are on their way while the last is written. One warp copies blocks of keys and values
// (kStages of each are on their way or in use); two warpgroups of 64 pairs each multiply. Each
// starts the scores of the next block before it multiplies the values of the last one, and the two
// take turns, so that one's softmax runs while the tensor cores work for the other. Blocks are
// taken from the last to the first: the few that need a mask come first.
namespace cacheblend::cuda {
namespace {

constexpr int kWarpgroup = 128, kConsumers = 2 * kWarpgroup, kThreads = kConsumers + kWarpgroup;
constexpr int kGroupPairs = kSm90TilePairs / 2;
constexpr int kStages = 2;

// Named barriers.
constexpr int kTurn = 1;          // + warpgroup: it may use the tensor cores
constexpr int kGroupSync = 3;     // + warpgroup: its threads
constexpr int kConsumerSync = 5;  // both

struct Sm90Launch {
  CUtensorMap keys, values;
  AttentionLaunch launch;
};

template <typename Element, int kHeadSize>
struct Layout {
  using T = Element;
  static constexpr int kHead = kHeadSize;  // zeros follow a smaller head
  static constexpr int kPanels = (kHead + kPanelColumns - 1) / kPanelColumns;
  static constexpr int kPanelBytes = kSm90Keys * kPanelRowBytes;  // of queries too
  static constexpr int kTileBytes = kPanels * kPanelBytes;
  // Queries, then kStages of keys, then kStages of values.
  static constexpr int kKeysAt = kTileBytes, kValuesAt = kKeysAt + kStages * kTileBytes;
  static constexpr int kBarriersAt = kValuesAt + kStages * kTileBytes;
  static constexpr int kAlignment = 1024;
  static constexpr int kBytes = kBarriersAt + 4 * kStages * 8 + kAlignment;
  static_assert(kSm90TilePairs == kSm90Keys);
};

// Shared addresses.
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

// Which of the stages the i-th block uses, and in which phase of its barriers.
struct Turn {
  int stage;
  uint32_t parity;
  __device__ explicit Turn(int i) : stage(i % kStages), parity(i / kStages & 1) {}
};

// ---- the items of a launch: a tile, or a split of one

struct Work {
  Tile tile;
  KeyRange range;
  int split;
};

// The keys of the split do not reach the tile's sequence: the combine kernel must know.
__device__ inline void WriteNothing(const AttentionLaunch& launch, const Work& work) {
  const int pair = work.tile.first_pair + threadIdx.x;
  if (threadIdx.x >= kSm90TilePairs || pair >= work.tile.pairs) return;
  const int64_t heads = launch.params.num_rows * launch.params.num_heads;
  const int64_t head =
      int64_t{work.tile.Row(pair)} * launch.params.num_heads + work.tile.Head(pair);
  launch.split.statistics[work.split * heads + head] = {-INFINITY, 0};
}

// A thread block's next item with keys, from its `round`-th on; false past the last. Items go from
// the longest tiles to the shortest, all KV heads of a tile together; every other round hands them
// out in reverse, so that each thread block gets its share.
__device__ inline bool NextWork(const AttentionLaunch& launch, int* round, Work* work) {
  const int kv_heads = launch.params.kv.num_kv_heads;
  const int items = kv_heads * launch.max_tiles * launch.split.count;
  for (; *round * static_cast<int>(gridDim.x) < items; ++*round) {
    const int index = *round % 2 == 0 ? blockIdx.x : gridDim.x - 1 - blockIdx.x;
    const int item = *round * gridDim.x + index, tile = item / kv_heads;
    if (item >= items) continue;
    work->split = tile / launch.max_tiles;
    const int from_last = tile % launch.max_tiles;
    if (!FindTile<kSm90TilePairs>(launch.params, launch.max_tiles - 1 - from_last, item % kv_heads,
                                  &work->tile)) {
      continue;
    }
    work->range = KeysOf<kSm90Keys>(work->tile, launch.window, launch.split, work->split);
    if (work->range.first < work->range.end) {
      ++*round;
      return true;
    }
    WriteNothing(launch, *work);
  }
  return false;
}

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

// Of the 16-byte piece at column 8 * piece.
template <typename L>
__device__ uint32_t PieceOffset(int row, int piece) {
  return piece / 8 * L::kPanelBytes + row * kPanelRowBytes + ((piece ^ row) & 7) * 16;
}

// ---- the copying warp

template <typename L>
__device__ void CopyTile(const CUtensorMap* map, const Tile& tile, int block, int next_block,
                         uint32_t to, uint32_t barrier) {
  ArriveExpecting(barrier, L::kTileBytes);
#pragma unroll
  for (int panel = 0; panel < L::kPanels; ++panel) {
    const uint32_t at = to + panel * L::kPanelBytes;
    const int x = panel * kPanelColumns, y = tile.kv_head * kBlockTokens;
    CopyBox(at, map, x, y, block, barrier);
    CopyBox(at + kBlockTokens * kPanelRowBytes, map, x, y, next_block, barrier);
  }
}

template <typename L>
__device__ void CopyBlocks(const Sm90Launch& args, const Tile& tile, KeyRange range, int done,
                           const Shared<L>& shared) {
  constexpr int kPerTile = kSm90Keys / kBlockTokens;
  static_assert(kPerTile == 2);
  const int lane = threadIdx.x % 32;
  const int32_t* table = args.launch.params.tables.of[tile.sequence];
  // Past the pool, where the tile has no keys: the copy engine writes zeros there.
  const int nowhere = static_cast<int>(args.launch.params.kv.num_blocks);
  const int last_entry = tile.last_position / kBlockTokens;
  const int count = range.end - range.first;
  int blocks[kPerTile] = {};
  int previous[kPerTile] = {};
  // Keys of block i before values of block i - 1, as they are needed.
  for (int i = 0; i <= count; ++i) {
    int current[kPerTile] = {};
    if (i < count) {
      if (i % 32 == 0) {
#pragma unroll
        for (int half = 0; half < kPerTile; ++half) {
          const int entry = (range.end - 1 - i - lane) * kPerTile + half;
          blocks[half] = entry >= 0 && entry <= last_entry ? table[entry] : nowhere;
        }
      }
#pragma unroll
      for (int half = 0; half < kPerTile; ++half) {
        current[half] = __shfl_sync(~0u, blocks[half], i % 32);
      }
      const Turn turn(done + i);
      if (lane == 0) {
        AwaitPhase(shared.KeysEmpty(turn.stage), turn.parity ^ 1);
        CopyTile<L>(&args.keys, tile, current[0], current[1], shared.Keys(turn.stage),
                    shared.KeysFull(turn.stage));
      }
    }
    if (i > 0 && lane == 0) {
      const Turn turn(done + i - 1);
      AwaitPhase(shared.ValuesEmpty(turn.stage), turn.parity ^ 1);
      CopyTile<L>(&args.values, tile, previous[0], previous[1], shared.Values(turn.stage),
                  shared.ValuesFull(turn.stage));
    }
    __syncwarp();
#pragma unroll
    for (int half = 0; half < kPerTile; ++half) previous[half] = current[half];
  }
}

template <typename L>
__device__ void CopyAll(const Sm90Launch& args, const Shared<L>& shared) {
  Work work;
  for (int round = 0, done = 0; NextWork(args.launch, &round, &work);) {
    CopyBlocks<L>(args, work.tile, work.range, done, shared);
    done += work.range.end - work.range.first;
  }
}

// ---- the multiplying warpgroups

// A thread's part of a warpgroup's 64 pairs: rows lane / 4 and lane / 4 + 8 of its warp's 16, and
// of every 8 columns two.
template <typename L>
struct GroupState {
  float scores[kSm90Keys / 2];
  uint32_t weights[kSm90Keys / 16][4];
  float out[L::kHead / 2];
  RowSoftmax rows[2];
  Visible visible[2];
};

// A thread's pieces of its warpgroup's queries.
template <typename L>
struct Queries {
  static constexpr int kRowPieces = L::kPanels * 8;
  static constexpr int kPieces = kGroupPairs * kRowPieces / kWarpgroup;
  uint4 pieces[kPieces];

  __device__ void Load(const AttentionLaunch& launch, const Tile& tile, int group) {
    const int size = launch.params.kv.head_size, thread = threadIdx.x % kWarpgroup;
    const auto* q = static_cast<const typename L::T*>(launch.params.q);
#pragma unroll
    for (int i = 0; i < kPieces; ++i) {
      const int index = thread + i * kWarpgroup, d = index % kRowPieces * 8;
      const int pair = tile.first_pair + group * kGroupPairs + index / kRowPieces;
      pieces[i] = {0, 0, 0, 0};
      if (d < size && pair < tile.pairs) {
        const int64_t head = int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair);
        pieces[i] = __ldg(reinterpret_cast<const uint4*>(q + head * size + d));
      }
    }
  }

  __device__ void Store(uint32_t to) const {
#pragma unroll
    for (int i = 0; i < kPieces; ++i) {
      const int index = threadIdx.x % kWarpgroup + i * kWarpgroup;
      StoreShared(to + PieceOffset<L>(index / kRowPieces, index % kRowPieces), pieces[i]);
    }
    FenceSharedStores();
  }
};

// Starts scores = q . keys^T.
template <typename L>
__device__ void StartScores(uint32_t queries, uint32_t keys, float (&scores)[kSm90Keys / 2]) {
  FenceRegisters();
#pragma unroll
  for (int step = 0; step < L::kHead / 16; ++step) {
    const uint32_t at = step / 4 * L::kPanelBytes + step % 4 * 32;
    MultiplyScores<typename L::T>(scores, MatrixDescriptor(queries + at, 0),
                                  MatrixDescriptor(keys + at, 0), step > 0);
  }
  CommitMultiplications();
}

// Starts out += weights . values, or out = weights . values.
template <typename L>
__device__ void StartValues(const uint32_t (&weights)[kSm90Keys / 16][4], uint32_t values, bool add,
                            float (&out)[L::kHead / 2]) {
  FenceRegisters();
#pragma unroll
  for (int step = 0; step < kSm90Keys / 16; ++step) {
    const uint32_t at = step * 16 * kPanelRowBytes;
    MultiplyValues<typename L::T>(out, weights[step], MatrixDescriptor(values + at, L::kPanelBytes),
                                  add || step > 0);
  }
  CommitMultiplications();
}

// Scores become weights, in place. Weights refer to a maximum that is left behind until it is too
// low for some row of the warp; then earlier output shrinks, by `shrink`.
template <typename L>
__device__ bool Weigh(const AttentionLaunch& launch, const Tile& tile, int index,
                      GroupState<L>* state, float (&shrink)[2]) {
  float(&scores)[kSm90Keys / 2] = state->scores;
  if (NeedsMask<kSm90Keys>(tile, launch.window, index)) {
    const int key = index * kSm90Keys + threadIdx.x % 4 * 2;
#pragma unroll
    for (int i = 0; i < kSm90Keys / 2; ++i) {
      if (!state->visible[i / 2 % 2](key + i / 4 * 8 + i % 2)) scores[i] = -INFINITY;
    }
  }
  float maximum[2] = {-INFINITY, -INFINITY};
#pragma unroll
  for (int i = 0; i < kSm90Keys / 2; i += 2) {
    float& row_maximum = maximum[i / 2 % 2];
    row_maximum = fmaxf(row_maximum, fmaxf(scores[i], scores[i + 1]));
  }
  maximum[0] = QuadMax(maximum[0]);
  maximum[1] = QuadMax(maximum[1]);
  const bool raise = __any_sync(~0u, state->rows[0].IsTooLow(maximum[0], launch.log2_scale) ||
                                         state->rows[1].IsTooLow(maximum[1], launch.log2_scale));
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    RowSoftmax& row = state->rows[half];
    if (raise) shrink[half] = row.Raise(maximum[half], launch.log2_scale);
    const float offset = row.Offset(launch.log2_scale);
#pragma unroll
    for (int i = 2 * half; i < kSm90Keys / 2; i += 4) {
      scores[i] = Exp2(scores[i] * launch.log2_scale - offset);
      scores[i + 1] = Exp2(scores[i + 1] * launch.log2_scale - offset);
      row.sum += scores[i] + scores[i + 1];
    }
  }
  return raise;
}

template <typename L>
__device__ void RoundWeights(GroupState<L>* state) {
#pragma unroll
  for (int i = 0; i < kSm90Keys / 4; ++i) {
    state->weights[i / 4][i % 4] =
        Pack<typename L::T>(state->scores[2 * i], state->scores[2 * i + 1]);
  }
}

// Slots past the sequence's last position may hold NaN, which a weight of 0 would not stop.
template <typename L>
__device__ void ZeroPastEnd(int first_key, int last_key, uint32_t values) {
  const int first_slot = max(0, last_key + 1 - first_key);
  constexpr int kPieces = L::kPanels * 8;
  for (int i = threadIdx.x + first_slot * kPieces; i < kSm90Keys * kPieces; i += kConsumers) {
    StoreShared(values + PieceOffset<L>(i / kPieces, i % kPieces), uint4{0, 0, 0, 0});
  }
  FenceSharedStores();
  SyncNamed(kConsumerSync, kConsumers);
}

// Through the warpgroup's part of the queries, which are no longer needed, in rows of 16-byte
// pieces.
template <typename L>
__device__ void WriteOut(const AttentionLaunch& launch, const Tile& tile, int first_pair, int group,
                         uint32_t staging, GroupState<L>* state) {
  using T = typename L::T;
  const int thread = threadIdx.x % kWarpgroup, lane = thread % 32;
  const int size = launch.params.kv.head_size;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = thread / 32 * 16 + half * 8 + lane / 4;
    const float scale = 1 / QuadSum(state->rows[half].sum);
#pragma unroll
    for (int n = 0; n < L::kHead / 8; ++n) {
      const float* x = state->out + 4 * n + 2 * half;
      StoreShared(staging + PieceOffset<L>(row, n) + lane % 4 * 4,
                  Pack<T>(x[0] * scale, x[1] * scale));
    }
  }
  SyncNamed(kGroupSync + group, kWarpgroup);
  constexpr int kPieces = L::kPanels * 8;
  for (int i = thread; i < kGroupPairs * kPieces; i += kWarpgroup) {
    const int row = i / kPieces, piece = i % kPieces, pair = first_pair + row;
    if (piece * 8 >= size || pair >= tile.pairs) continue;
    const int64_t head = int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair);
    *reinterpret_cast<uint4*>(static_cast<T*>(launch.params.out) + head * size + piece * 8) =
        LoadShared(staging + PieceOffset<L>(row, piece));
  }
}

template <typename L>
__device__ void WritePartial(const AttentionLaunch& launch, const Tile& tile, int first_pair,
                             int split, GroupState<L>* state) {
  const int thread = threadIdx.x % kWarpgroup, lane = thread % 32;
  const int size = launch.params.kv.head_size;
  const int64_t heads = launch.params.num_rows * launch.params.num_heads;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int pair = first_pair + thread / 32 * 16 + half * 8 + lane / 4;
    const float sum = QuadSum(state->rows[half].sum);
    if (pair >= tile.pairs) continue;
    const int64_t at =
        split * heads + int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair);
    if (lane % 4 == 0) {
      launch.split.statistics[at] = {state->rows[half].maximum * launch.log2_scale, sum};
    }
#pragma unroll
    for (int n = 0; n < L::kHead / 8; ++n) {
      const int d = n * 8 + lane % 4 * 2;
      const float* x = state->out + 4 * n + 2 * half;
      if (d < size) {
        *reinterpret_cast<float2*>(launch.split.partials + at * size + d) = {x[0], x[1]};
      }
    }
  }
}

template <typename L>
__device__ void Write(const AttentionLaunch& launch, const Work& work, int group, uint32_t staging,
                      GroupState<L>* state) {
  const int first_pair = work.tile.first_pair + group * kGroupPairs;
  if (launch.split.count > 1) {
    WritePartial(launch, work.tile, first_pair, work.split, state);
  } else {
    WriteOut(launch, work.tile, first_pair, group, staging, state);
  }
}

// Which keys the thread's rows see.
template <typename L>
__device__ void FindVisible(const AttentionLaunch& launch, const Tile& tile, int group,
                            GroupState<L>* state) {
  const int thread = threadIdx.x % kWarpgroup;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int pair =
        tile.first_pair + group * kGroupPairs + thread / 32 * 16 + half * 8 + thread % 32 / 4;
    const auto position = static_cast<int>(launch.params.positions[tile.Row(pair)]);
    state->visible[half] = VisibleFrom(position, launch.window);
  }
}

// All of a tile but the values of its first block, which are the last to be added: these are
// started by the caller. `done` blocks were taken from the stages before.
template <typename L>
__device__ void Attend(const AttentionLaunch& launch, const Work& work, int done, int group,
                       const Shared<L>& shared, GroupState<L>* state) {
  const Tile& tile = work.tile;
  const KeyRange range = work.range;
  const int lane = threadIdx.x % 32, count = range.end - range.first;
  const uint32_t queries = shared.Queries(group);
  state->rows[0] = state->rows[1] = RowSoftmax();
  const Turn first(done);
  AwaitPhase(shared.KeysFull(first.stage), first.parity);
  StartScores<L>(queries, shared.Keys(first.stage), state->scores);
  FindVisible(launch, tile, group, state);
  const auto last_key = static_cast<int>(launch.params.positions[tile.Row(tile.pairs - 1)]);
  AwaitMultiplications<0>();
  Pin(state->scores);
  if (lane == 0) Arrive(shared.KeysEmpty(first.stage));
  float shrink[2];
  Weigh(launch, tile, range.end - 1, state, shrink);
  RoundWeights(state);
  if (range.end * kSm90Keys > last_key + 1) {
    AwaitPhase(shared.ValuesFull(first.stage), first.parity);
    ZeroPastEnd<L>((range.end - 1) * kSm90Keys, last_key, shared.Values(first.stage));
  }

  // Each step: scores of block i, values of block i - 1.
  if (group == 1) ArriveNamed(kTurn, kConsumers);
#pragma unroll 1
  for (int i = 1; i < count; ++i) {
    const Turn turn(done + i), last(done + i - 1);
    AwaitPhase(shared.KeysFull(turn.stage), turn.parity);
    SyncNamed(kTurn + group, kConsumers);
    StartScores<L>(queries, shared.Keys(turn.stage), state->scores);
    AwaitPhase(shared.ValuesFull(last.stage), last.parity);
    StartValues<L>(state->weights, shared.Values(last.stage), i > 1, state->out);
    ArriveNamed(kTurn + 1 - group, kConsumers);
    AwaitMultiplications<1>();
    Pin(state->scores);
    if (lane == 0) Arrive(shared.KeysEmpty(turn.stage));
    const bool raised = Weigh(launch, tile, range.end - 1 - i, state, shrink);
    AwaitMultiplications<0>();
    Pin(state->out);
    if (lane == 0) Arrive(shared.ValuesEmpty(last.stage));
    if (raised) {
#pragma unroll
      for (int j = 0; j < L::kHead / 2; ++j) state->out[j] *= shrink[j / 2 % 2];
    }
    RoundWeights(state);
  }
  // Even out: group 1 let group 0 start.
  if (group == 0) SyncNamed(kTurn, kConsumers);
}

template <typename L>
__device__ void AttendAll(const AttentionLaunch& launch, int group, const Shared<L>& shared) {
  int round = 0, done = 0;
  Work work;
  if (!NextWork(launch, &round, &work)) return;
  Queries<L> queries;
  queries.Load(launch, work.tile, group);
  queries.Store(shared.Queries(group));
  SyncNamed(kGroupSync + group, kWarpgroup);
  for (bool more = true; more;) {
    GroupState<L> state;
    Attend(launch, work, done, group, shared, &state);
    const int count = work.range.end - work.range.first;
    const Work current = work;
    done += count;
    const Turn last(done - 1);
    AwaitPhase(shared.ValuesFull(last.stage), last.parity);
    StartValues<L>(state.weights, shared.Values(last.stage), count > 1, state.out);
    more = NextWork(launch, &round, &work);
    if (more) queries.Load(launch, work.tile, group);
    AwaitMultiplications<0>();
    Pin(state.out);
    if (threadIdx.x % 32 == 0) Arrive(shared.ValuesEmpty(last.stage));
    SyncNamed(kGroupSync + group, kWarpgroup);
    Write(launch, current, group, shared.Queries(group), &state);
    SyncNamed(kGroupSync + group, kWarpgroup);
    if (more) queries.Store(shared.Queries(group));
    SyncNamed(kGroupSync + group, kWarpgroup);
  }
}

// ---- the kernel

template <typename L>
__global__ void __launch_bounds__(kThreads, 1)
    AttendTiles(const __grid_constant__ Sm90Launch args) {
  extern __shared__ uint8_t memory[];
  LaunchDependents();
  const Shared<L> shared = {(SharedAddress(memory) + L::kAlignment - 1) / L::kAlignment *
                            L::kAlignment};
  if (threadIdx.x == kConsumers) {
    PrefetchMap(&args.keys);
    PrefetchMap(&args.values);
    for (int stage = 0; stage < kStages; ++stage) {
      InitBarrier(shared.KeysFull(stage), 1);
      InitBarrier(shared.ValuesFull(stage), 1);
      InitBarrier(shared.KeysEmpty(stage), kConsumers / 32);
      InitBarrier(shared.ValuesEmpty(stage), kConsumers / 32);
    }
    FenceBarrierInit();
  }
  __syncthreads();

  // The same in all lanes, as the compiler must see.
  const int group = __shfl_sync(~0u, threadIdx.x / kWarpgroup, 0);
  if (group == 2) {
    KeepRegisters<40>();
    if (threadIdx.x < kConsumers + 32) CopyAll<L>(args, shared);
  } else {
    TakeRegisters<232>();
    AttendAll<L>(args.launch, group, shared);
  }
}

template <typename L>
void Launch(const AttentionLaunch& launch, cudaStream_t stream) {
  AllowSharedMemory<AttendTiles<L>>(L::kBytes);
  const PagedKv& kv = launch.params.kv;
  const Sm90Launch args = {TensorMapOf(kv, kv.keys), TensorMapOf(kv, kv.values), launch};
  const int items = kv.num_kv_heads * launch.max_tiles * launch.split.count;
  // The order from long to short, which makes fixed shares equal, holds within one sequence.
  const bool one_sequence = launch.params.num_sequences == 1;
  const int blocks = one_sequence ? std::min(items, CurrentGpu().multiprocessors) : items;
  AttendTiles<L><<<blocks, kThreads, L::kBytes, stream>>>(args);
  Check(cudaGetLastError(), "launch of PartialAttention");
}

}  // namespace

void LaunchSm90(const AttentionLaunch& launch, cudaStream_t stream) {
  ForTypeAndHead(launch.params.kv, [&](auto type, auto head) {
    Launch<Layout<typename decltype(type)::Type, decltype(head)::value>>(launch, stream);
  });
}

}  // namespace cacheblend::cuda
