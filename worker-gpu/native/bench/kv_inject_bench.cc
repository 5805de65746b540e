// Checks plan and kernels of KvInject against the reference, then times one layer on one thread: a
// step that injects cached rows, a step that computes all rows, and a decode step.
//
//   kv_inject_bench [baseline|avx2|avx512]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/kv_write.h"
#include "pool/inject_plan.h"
#include "pool/kv_pool.h"
#include "pool/stored_chunk.h"

namespace cacheblend {
namespace {

constexpr int64_t kTokens = 4096;
constexpr int kRounds = 15;

double MillisOf(const std::chrono::steady_clock::duration& time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

struct Times {
  double plan, write;
};

struct Bench {
  Bench(KvShape s, Isa i)
      : shape(s),
        isa(i),
        pool(KvPool::Create(s, 2 * kTokens / kBlockTokens + 2)),
        fresh(kTokens * s.RowSize()),
        tables(2 * (kTokens + 1) * s.head_size / 2) {
    std::iota(fresh.begin(), fresh.end(), 0.f);
    std::iota(tables.begin(), tables.end(), 1.f);
    chunk = pool->AllocateChunk(kTokens);
    std::memcpy(chunk->MutableKey(0, 0), fresh.data(), fresh.size() * sizeof(float));
    std::memcpy(chunk->MutableValue(0, 0), fresh.data(), fresh.size() * sizeof(float));
    chunk->CommitRows(0, kTokens);
  }

  InjectPlan Plan() const {
    const int64_t row = shape.RowSize();
    return InjectPlan(0, shape, {fresh.data(), row, fresh.data(), row},
                      {tables.data(), tables.data() + tables.size() / 2, kTokens + 1});
  }

  KvWriteParams Params(const InjectPlan& plan) const {
    return {plan.rows().data(), plan.blocks().data(), int64_t(plan.blocks().size()),
            shape.kv_head_count, shape.head_size};
  }

  Times Step(KvSequence& sequence, const std::vector<int64_t>& positions) {
    const auto start = std::chrono::steady_clock::now();
    InjectPlan plan = Plan();
    plan.Add(sequence, positions.data(), 0, positions.size());
    const auto planned = std::chrono::steady_clock::now();
    WriteKv(Params(plan), SerialFor(), isa);
    const auto written = std::chrono::steady_clock::now();
    plan.Commit(0);
    return {MillisOf(planned - start), MillisOf(written - planned)};
  }

  // Median over rounds, each in a new sequence on warm blocks. `prefix` is not timed.
  Times Time(bool inject, const std::vector<int64_t>& prefix, const std::vector<int64_t>& timed) {
    std::vector<double> plan, write;
    for (int round = 0; round <= kRounds; ++round) {
      const auto sequence = pool->Reserve(kTokens + 1);
      if (inject) sequence->Inject(chunk, 0);
      if (!prefix.empty()) Step(*sequence, prefix);
      const Times times = Step(*sequence, timed);
      if (round == 0) continue;  // warm-up
      plan.push_back(times.plan);
      write.push_back(times.write);
    }
    std::sort(plan.begin(), plan.end());
    std::sort(write.begin(), write.end());
    return {plan[kRounds / 2], write[kRounds / 2]};
  }

  bool EqualsReference() {
    const auto actual = pool->Reserve(kTokens), expected = pool->Reserve(kTokens);
    const std::vector<int64_t> positions = {0, 7, kTokens - 1};
    for (const auto& sequence : {actual, expected}) sequence->Inject(chunk, 0);
    Step(*actual, positions);
    InjectPlan plan = Plan();
    plan.Add(*expected, positions.data(), 0, positions.size());
    WriteKvReference(Params(plan));
    const KvLayerView a = actual->View(0), e = expected->View(0);
    for (int64_t block = 0; block < kTokens / kBlockTokens; ++block) {
      if (std::memcmp(a.key_blocks[block], e.key_blocks[block], pool->layout().KeyBlockBytes()) !=
              0 ||
          std::memcmp(a.value_blocks[block], e.value_blocks[block],
                      pool->layout().ValueBlockBytes())) {
        return false;
      }
    }
    return true;
  }

  double MemcpyMillis() {
    std::vector<float> to(2 * fresh.size(), 1.f);
    std::vector<double> times;
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      std::memcpy(to.data(), chunk->Key(0, 0), to.size() * sizeof(float));
      times.push_back(MillisOf(std::chrono::steady_clock::now() - start));
    }
    std::sort(times.begin(), times.end());
    return times[kRounds / 2];
  }

  const KvShape shape;
  const Isa isa;
  const std::shared_ptr<KvPool> pool;
  std::vector<float> fresh, tables;
  std::shared_ptr<StoredChunk> chunk;
};

std::vector<int64_t> EverySeventh() {
  std::vector<int64_t> positions;
  for (int64_t p = 0; p < kTokens; p += 7) positions.push_back(p);
  return positions;
}

int Run(Isa isa) {
  std::vector<int64_t> all(kTokens);
  std::iota(all.begin(), all.end(), 0);
  std::printf("%s, %ld tokens, one layer, ms (plan + write)\n", IsaName(isa), long{kTokens});
  for (KvShape shape : {KvShape{1, 2, 64}, KvShape{1, 8, 128}}) {
    Bench bench(shape, isa);
    if (!bench.EqualsReference()) {
      std::fprintf(stderr, "result differs from the reference\n");
      return 1;
    }
    const Times blend = bench.Time(true, {}, EverySeventh());
    const Times full = bench.Time(false, {}, all);
    const Times decode = bench.Time(false, all, {kTokens});
    std::printf(
        "%d x %3d: blend 1/7 %.3f + %.3f, all fresh %.3f + %.3f, decode %.4f + %.4f, memcpy %.3f\n",
        shape.kv_head_count, shape.head_size, blend.plan, blend.write, full.plan, full.write,
        decode.plan, decode.write, bench.MemcpyMillis());
  }
  return 0;
}

}  // namespace
}  // namespace cacheblend

int main(int argc, char** argv) {
  using namespace cacheblend;
  Isa isa = CurrentIsa();
  for (Isa candidate : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    if (argc > 1 && std::string(argv[1]) == IsaName(candidate) && candidate <= isa) isa = candidate;
  }
  return Run(isa);
}
