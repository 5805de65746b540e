#include <algorithm>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_mma_ops.cuh"
#include "kernels/cuda/partial_attention_plan.h"
#include "kernels/cuda/partial_attention_setup.h"
#include "kernels/cuda/partial_attention_sm90_copy.cuh"
#include "kernels/cuda/partial_attention_sm90_rows.cuh"
#include "kernels/cuda/partial_attention_tensor_maps.h"

// Persistent, warp-specialized kernel. A thread block processes several tiles, so that copies of
// the next tile overlap with the epilogue of the last. A producer warp copies blocks of keys and
// values into kStages stages of each. Two consumer warpgroups of 64 pairs each multiply. A consumer
// issues the scores of the next block before the values of the last one, and the two consumers
// alternate, so that the softmax of one overlaps with the tensor cores working for the other.
// Blocks are processed from last to first: the few that need a mask come first.
namespace cacheblend::cuda {
namespace sm90 {
namespace {

// Processes a tile except for the values of its first key block, which the caller issues. `done`
// blocks have passed through the stages before.
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

  // Iteration i: scores of block i, values of block i - 1.
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
  // Consumes the arrival of group 1 that let group 0 start.
  if (group == 0) SyncNamed(kTurn, kConsumers);
}

template <typename L>
__device__ void AttendAll(const Sm90Launch& args, int group, const Shared<L>& shared) {
  const AttentionLaunch& launch = args.launch;
  int round = 0, done = 0;
  Work work;
  if (!NextWork(args, &round, &work)) return;
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
    more = NextWork(args, &round, &work);
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
  AwaitPrimary();

  // Warp-uniform, made visible to the compiler.
  const int group = __shfl_sync(~0u, threadIdx.x / kWarpgroup, 0);
  if (group == 2) {
    KeepRegisters<40>();
    if (threadIdx.x < kConsumers + 32) CopyAll<L>(args, shared);
  } else {
    TakeRegisters<232>();
    AttendAll<L>(args, group, shared);
  }
}

// KV heads per pass: as many as fit their keys and values in 32 MiB of L2, if passes are long
// enough to keep the GPU busy; else all.
int PassHeads(const AttentionLaunch& launch, int multiprocessors) {
  constexpr int64_t kCachedBytes = int64_t{32} << 20;
  constexpr int64_t kMinRounds = 8;
  const PagedKv& kv = launch.params.kv;
  const int64_t head_bytes = 2 * launch.params.position_end * kv.head_size * ElementBytes(kv.type);
  const int64_t cached = std::max<int64_t>(1, kCachedBytes / head_bytes);
  const int64_t passes = (kv.num_kv_heads + cached - 1) / cached;
  const auto heads = static_cast<int>((kv.num_kv_heads + passes - 1) / passes);
  const int64_t items = int64_t{heads} * launch.max_tiles;
  return items >= kMinRounds * multiprocessors ? heads : kv.num_kv_heads;
}

template <typename L>
void Launch(const AttentionLaunch& launch, cudaStream_t stream) {
  AllowSharedMemory<AttendTiles<L>>(L::kBytes);
  const PagedKv& kv = launch.params.kv;
  // Static scheduling relies on tiles ordered from long to short, which holds within one sequence.
  const bool one_sequence = launch.params.num_sequences == 1;
  const int multiprocessors = CurrentGpu().multiprocessors;
  const int pass_heads = one_sequence ? PassHeads(launch, multiprocessors) : kv.num_kv_heads;
  const Sm90Launch args = {TensorMapOf(kv, kv.keys), TensorMapOf(kv, kv.values), launch,
                           pass_heads};
  const int items = kv.num_kv_heads * launch.max_tiles * launch.split.count;
  const int blocks = one_sequence ? std::min(items, multiprocessors) : items;
  LaunchEarly<AttendTiles<L>>(dim3(blocks), kThreads, L::kBytes, stream, args,
                              "PartialAttention: launch of AttendTiles");
}

}  // namespace
}  // namespace sm90

void LaunchSm90(const AttentionLaunch& launch, cudaStream_t stream) {
  ForTypeAndHead<kSm90MaxHead>(launch.params.kv, [&](auto type, auto head) {
    sm90::Launch<sm90::Layout<typename decltype(type)::Type, decltype(head)::value>>(launch,
                                                                                     stream);
  });
}

}  // namespace cacheblend::cuda
