// Checks PartialAttention against the reference, then times it: useful FLOP/s (4 per element of a
// query and visible key, without softmax), relative to the peak rate of independent FMAs.
//
//   partial_attention_bench [baseline|avx2|avx512]

#include <immintrin.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "kernels/cpu/partial_attention.h"
#include "kernels/partial_attention.h"

namespace cacheblend {
namespace {

constexpr int kHeads = 8, kKvHeads = 2, kHeadSize = 64;
constexpr int64_t kRowFloats = kHeads * kHeadSize;

// Wall time; for one thread its CPU time, which is less sensitive to other load.
double Seconds(int threads) {
  if (threads == 1) {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Calls body(thread) on `count` threads.
template <typename Body>
void OnThreads(int count, const Body& body) {
  std::vector<std::thread> threads;
  for (int t = 1; t < count; ++t) threads.emplace_back([&body, t] { body(t); });
  body(0);
  for (std::thread& thread : threads) thread.join();
}

// Contiguous ranges of tasks, one per thread.
struct Threads {
  int count;

  ParallelFor For() {
    return {this,
            [](void* context, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
              const int count = static_cast<Threads*>(context)->count;
              OnThreads(count, [=](int t) {
                for (int64_t i = num_tasks * t / count; i < num_tasks * (t + 1) / count; ++i) {
                  body(arg, i);
                }
              });
            },
            count};
  }
};

constexpr int kChains = 12;
constexpr int64_t kFmaRounds = 200'000;

// Values stay near 1. The returned sum keeps the compiler from removing the loop.
#define CACHEBLEND_FMA_CHAINS(name, isa, Vec, set1, fmadd, add)                                    \
  __attribute__((target(isa))) float name() {                                                      \
    Vec v[kChains];                                                                                \
    for (int i = 0; i < kChains; ++i) v[i] = set1(1.0f + static_cast<float>(i));                   \
    const Vec factor = set1(0.999999f), step = set1(1e-6f);                                        \
    for (int64_t round = 0; round < kFmaRounds; ++round) {                                         \
      _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i) v[i] = fmadd(v[i], factor, step); \
    }                                                                                              \
    for (int i = 1; i < kChains; ++i) v[0] = add(v[0], v[i]);                                      \
    float lanes[sizeof(Vec) / sizeof(float)];                                                      \
    std::memcpy(lanes, &v[0], sizeof v[0]);                                                        \
    return lanes[0];                                                                               \
  }

#define CACHEBLEND_SSE_FMADD(a, b, c) _mm_add_ps(_mm_mul_ps(a, b), c)
CACHEBLEND_FMA_CHAINS(SseChains, "sse2", __m128, _mm_set1_ps, CACHEBLEND_SSE_FMADD, _mm_add_ps)
CACHEBLEND_FMA_CHAINS(Avx2Chains, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps,
                      _mm256_add_ps)
CACHEBLEND_FMA_CHAINS(Avx512Chains, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps,
                      _mm512_add_ps)

double PeakGflops(Isa isa, int threads) {
  float (*const chains)() = isa == Isa::kAvx512 ? Avx512Chains
                            : isa == Isa::kAvx2 ? Avx2Chains
                                                : SseChains;
  const int lanes = isa == Isa::kAvx512 ? 16 : isa == Isa::kAvx2 ? 8 : 4;
  double best = 0;
  for (int repeat = 0; repeat < 200; ++repeat) {
    const double start = Seconds(threads);
    OnThreads(threads, [chains](int) {
      volatile float sink = chains();
      static_cast<void>(sink);
    });
    best =
        std::max(best, 2.0 * kChains * kFmaRounds * lanes * threads / (Seconds(threads) - start));
  }
  return best / 1e9;
}

struct DeleteAligned {
  void operator()(float* memory) const { operator delete[](memory, std::align_val_t{64}); }
};

std::vector<float> Random(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& x : values) x = normal(random);
  return values;
}

// One sequence with random keys and values, and the given rows.
class Workload {
 public:
  Workload(const char* name, std::vector<int64_t> positions)
      : name_(name), positions_(std::move(positions)) {
    const int64_t rows = static_cast<int64_t>(positions_.size());
    q_ = Random(rows * kRowFloats, 1);
    out_.resize(q_.size());
    row_offsets_[1] = rows;
    for (int64_t start = 0; start <= positions_.back(); start += kBlockTokens) {
      key_blocks_.push_back(Block(static_cast<uint32_t>(start)));
      value_blocks_.push_back(Block(static_cast<uint32_t>(start + 1)));
    }
    view_ = {key_blocks_.data(), value_blocks_.data()};
  }

  const char* name() const { return name_; }
  const std::vector<float>& out() const { return out_; }

  PartialAttentionParams Params() {
    return {q_.data(), positions_.data(), row_offsets_, &view_, 1,
            kHeads,    kKvHeads,          kHeadSize,    0,      0.125f,
            0,         out_.data()};
  }

  double UsefulFlops() const {
    double keys = 0;
    for (int64_t position : positions_) keys += static_cast<double>(position + 1);
    return 4.0 * keys * kHeads * kHeadSize;
  }

 private:
  float* Block(uint32_t seed) {
    const int64_t floats = int64_t{kKvHeads} * kHeadSize * kBlockTokens;
    memory_.emplace_back(new (std::align_val_t{64}) float[floats]);
    const std::vector<float> values = Random(floats, seed);
    std::copy(values.begin(), values.end(), memory_.back().get());
    return memory_.back().get();
  }

  const char* name_;
  std::vector<int64_t> positions_;
  int64_t row_offsets_[2] = {0, 0};
  std::vector<float> q_, out_;
  std::vector<std::unique_ptr<float[], DeleteAligned>> memory_;
  std::vector<float*> key_blocks_, value_blocks_;
  KvLayerView view_;
};

std::vector<int64_t> FullCausal(int64_t length) {
  std::vector<int64_t> positions(length);
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

std::vector<int64_t> Scattered(int64_t length, int percent) {
  std::vector<int64_t> positions = FullCausal(length);
  std::mt19937 random(7);
  std::shuffle(positions.begin(), positions.end() - 1, random);
  std::swap(positions.front(), positions.back());
  positions.resize(length * percent / 100);
  std::sort(positions.begin(), positions.end());
  return positions;
}

bool AgreesWithReference(Isa isa, Workload* workload) {
  PartialAttentionOn(isa, workload->Params(), SerialFor());
  const std::vector<float> actual = workload->out();
  PartialAttentionReference(workload->Params());
  double worst = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(double{actual[i]} - double{workload->out()[i]});
    worst = error <= worst ? worst : error;  // keeps NaN
  }
  std::printf("check: %s, largest error %.2g\n", workload->name(), worst);
  return worst < 4e-6;
}

double BestSeconds(Isa isa, int threads, Workload* workload) {
  Threads pool = {threads};
  const ParallelFor parallel = threads == 1 ? SerialFor() : pool.For();
  double best = 1e9;
  const double end = Seconds(threads) + 1.0;
  for (int repeat = 0; repeat < 3 || Seconds(threads) < end; ++repeat) {
    const double start = Seconds(threads);
    PartialAttentionOn(isa, workload->Params(), parallel);
    best = std::min(best, Seconds(threads) - start);
  }
  return best;
}

int Main(int argc, char** argv) {
  Isa isa = CurrentIsa();
  if (argc > 1) {
    for (Isa candidate : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
      if (candidate <= CurrentIsa() && std::strcmp(argv[1], IsaName(candidate)) == 0) {
        isa = candidate;
      }
    }
    if (std::strcmp(argv[1], IsaName(isa)) != 0) {
      std::fprintf(stderr, "%s: unknown or unsupported instruction set\n", argv[1]);
      return 2;
    }
  }

  Workload small_full("full causal 200", FullCausal(200));
  Workload small_scattered("15 % of 1500", Scattered(1500, 15));
  if (!AgreesWithReference(isa, &small_full) || !AgreesWithReference(isa, &small_scattered)) {
    std::fprintf(stderr, "differs from the reference\n");
    return 1;
  }

  Workload workloads[] = {{"full causal 2048", FullCausal(2048)},
                          {"full causal 4096", FullCausal(4096)},
                          {"full causal 8192", FullCausal(8192)},
                          {"15 % of 4096", Scattered(4096, 15)},
                          {"decode at 4096", {4095}}};
  std::printf("%s, %d query heads, %d KV heads of %d\n", IsaName(isa), kHeads, kKvHeads, kHeadSize);
  for (int threads : {1, 2}) {
    const double peak = PeakGflops(isa, threads);
    std::printf("%d thread(s): FMA peak %.0f GFLOP/s\n", threads, peak);
    for (Workload& workload : workloads) {
      const double seconds = BestSeconds(isa, threads, &workload);
      const double gflops = workload.UsefulFlops() / seconds / 1e9;
      std::printf("  %-17s %9.3f ms %7.1f GFLOP/s %5.1f %% of peak\n", workload.name(),
                  seconds * 1e3, gflops, gflops / peak * 100);
    }
  }
  return 0;
}

}  // namespace
}  // namespace cacheblend

int main(int argc, char** argv) { return cacheblend::Main(argc, argv); }
