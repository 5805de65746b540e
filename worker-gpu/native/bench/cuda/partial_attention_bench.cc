// Checks the CUDA kernels of PartialAttention against the reference, then times one layer in the
// shape of Mistral-7B (32 query heads, 8 KV heads of 128, bf16): full prefill, blend, suffix,
// decode, batch (32 decoding sequences of about 3,100 tokens), mixed (31 of them and a piece of a
// prefill). Also prints the GPU's GEMM rate (cuBLAS, if libcublas can be loaded) and copy
// bandwidth.
//
//   partial_attention_bench [--quick] [--all-plans] [full|blend|suffix|decode|batch|mixed]...
//
// --quick: three prompt lengths. --all-plans: also kernels and splits that are not chosen.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/cuda/card_rates.h"
#include "bench/cuda/timing.h"
#include "kernels/cuda/partial_attention_plan.h"
#include "test/cuda/partial_attention_step.h"

namespace cacheblend::cuda {
namespace {

constexpr StepShape kMistral = {8, 4, 128, 0, ElementType::kBFloat16};

// The reference takes more than a second above this.
constexpr double kMaxCheckedFlops = 3e11;

// Larger than L2: successive launches read different copies of the KV, as layers do.
constexpr double kRotatedBytes = 256e6;
constexpr int kMaxCopies = 16;

const char* Name(AttentionKernel kernel) {
  switch (kernel) {
    case AttentionKernel::kMma:
      return "mma";
    case AttentionKernel::kDecode:
      return "decode";
    case AttentionKernel::kSm90:
      return "sm90";
  }
  return "";
}

// A launch: the plan, or of several sequences the division into items.
void Attend(const PagedStep& step, PartialAttentionParams params, const AttentionPlan& plan,
            cudaStream_t stream) {
  if (step.Sequences() == 1) return RunPlan(params, plan, stream);
  params.rows = step.HostRows().data();
  PartialAttention(params, stream);
}

// Rounding weights and output to bf16 gives a relative RMS difference near 2^-9.
bool AgreesWithReference(const PagedStep& step, const AttentionPlan& plan) {
  const std::vector<float> expected = step.Run(PartialAttentionReference);
  const std::vector<float> actual =
      step.Run([&](const PartialAttentionParams& params, cudaStream_t stream) {
        Attend(step, params, plan, stream);
      });
  double difference = 0, size = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    difference += (double{actual[i]} - expected[i]) * (double{actual[i]} - expected[i]);
    size += double{expected[i]} * expected[i];
  }
  return std::sqrt(difference / size) < std::ldexp(1, -7);
}

// Copies of a step's KV, so that a launch does not find its KV in L2.
class RotatedKv {
 public:
  explicit RotatedKv(const PagedStep& step) : params_(step.Params()) {
    const int64_t bytes =
        params_.kv.num_blocks * params_.kv.block_stride * ElementBytes(params_.kv.type);
    const int copies =
        std::min(kMaxCopies, static_cast<int>(kRotatedBytes / static_cast<double>(bytes)) + 1);
    for (int i = 0; i < copies; ++i) {
      keys_.emplace_back(bytes);
      values_.emplace_back(bytes);
      Copy(params_.kv.keys, keys_.back());
      Copy(params_.kv.values, values_.back());
    }
  }

  int copies() const { return static_cast<int>(keys_.size()); }
  PartialAttentionParams Params(int i) const {
    PartialAttentionParams params = params_;
    params.kv.keys = keys_[i % keys_.size()].data();
    params.kv.values = values_[i % values_.size()].data();
    return params;
  }

 private:
  static void Copy(const void* from, const DeviceArray<uint8_t>& to) {
    Check(cudaMemcpy(to.data(), from, to.Bytes(), cudaMemcpyDeviceToDevice), "copy of KV");
  }

  PartialAttentionParams params_;
  std::vector<DeviceArray<uint8_t>> keys_, values_;
};

struct Options {
  bool quick = false, all_plans = false;
  std::vector<std::string> names;
};

std::vector<AttentionPlan> Plans(const PagedStep& step, const Options& options) {
  const GpuTraits gpu = CurrentGpu();
  std::vector<AttentionPlan> plans = {PlanAttention(step.Params(), gpu)};
  if (!options.all_plans || step.Sequences() > 1) return plans;
  for (AttentionKernel kernel :
       {AttentionKernel::kMma, AttentionKernel::kDecode, AttentionKernel::kSm90}) {
    if (kernel == AttentionKernel::kSm90 && !gpu.sm90) continue;
    if (kernel == AttentionKernel::kDecode && step.Rows() > 128) continue;
    for (int splits : {1, 2, 3, 4, 8, 16, 32}) {
      if (splits <= MaxSplits(step.Params()) && (splits == 1 || step.Rows() < 1500)) {
        plans.push_back({kernel, splits});
      }
    }
  }
  return plans;
}

using Positions = std::vector<std::vector<int64_t>>;  // by sequence

bool RunCase(const char* name, int64_t tokens, Positions positions, const Options& options) {
  const PagedStep step(kMistral, std::move(positions));
  const RotatedKv kv(step);
  for (const AttentionPlan& plan : Plans(step, options)) {
    const bool checked = step.UsefulFlops() <= kMaxCheckedFlops;
    if (checked && !AgreesWithReference(step, plan)) {
      std::fprintf(stderr, "%s of %ld, %s x %d: differs from the reference\n", name, long{tokens},
                   Name(plan.kernel), plan.splits);
      return false;
    }
    const double seconds = SecondsPerLaunch(
        std::max(4, kv.copies()),
        [&](int i, cudaStream_t stream) { Attend(step, kv.Params(i), plan, stream); });
    std::printf("%-8s %6ld %6ld  %-6s x %2d %10.1f us %7.1f TFLOP/s %7.0f GB/s%s\n", name,
                long{tokens}, long{step.Rows()}, step.Sequences() > 1 ? "items" : Name(plan.kernel),
                plan.splits, seconds * 1e6, step.UsefulFlops() / seconds / 1e12,
                step.KvBytes() / seconds / 1e9, checked ? "" : "  (not checked)");
    std::fflush(stdout);
  }
  return true;
}

Positions Decoding(int count, int64_t tokens) {
  Positions positions;
  for (int64_t i = 0; i < count; ++i) positions.push_back({tokens - 1 + (i - count / 2) * 8});
  return positions;
}

std::vector<Positions> Workloads(const std::string& name, int64_t tokens) {
  if (name == "full") return {{Range(0, tokens)}};
  if (name == "blend") return {{Scattered(tokens, 0.16, 32)}};
  if (name == "suffix") return {{Range(tokens - 32, tokens)}, {Range(tokens - 109, tokens)}};
  if (name == "batch") return {Decoding(32, tokens)};
  if (name == "mixed") {
    Positions positions = Decoding(31, tokens);
    positions.push_back(Range(tokens - 512, tokens));
    return {positions};
  }
  return {{{tokens - 1}}};
}

// Prompt lengths of a workload.
std::vector<int64_t> Lengths(const std::string& name, bool quick) {
  if (name == "batch" || name == "mixed") return {3100};
  if (quick) return {512, 2048, 8192};
  return {512, 1024, 2048, 4096, 8192, 16384};
}

int Run(const Options& options) {
  std::printf("%-8s %6s %6s  kernel, splits\n", "", "tokens", "rows");
  for (const std::string& name : options.names) {
    for (int64_t tokens : Lengths(name, options.quick)) {
      for (auto& positions : Workloads(name, tokens)) {
        if (!RunCase(name.c_str(), tokens, std::move(positions), options)) return 1;
      }
    }
  }
  const double gemm = GemmTeraflops();
  if (gemm > 0) {
    std::printf("bf16 GEMM of 8192: %.0f TFLOP/s\n", gemm);
  } else {
    std::printf("bf16 GEMM: libcublas cannot be loaded\n");
  }
  std::printf("copy: %.0f GB/s\n", CopyGigabytes());
  return 0;
}

}  // namespace
}  // namespace cacheblend::cuda

int main(int argc, char** argv) {
  const std::vector<std::string> names = {"full", "blend", "suffix", "decode", "batch", "mixed"};
  cacheblend::cuda::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--quick") {
      options.quick = true;
    } else if (argument == "--all-plans") {
      options.all_plans = true;
    } else if (std::find(names.begin(), names.end(), argument) != names.end()) {
      options.names.push_back(argument);
    } else {
      std::fprintf(stderr,
                   "%s: unknown argument; expected --quick, --all-plans, full, blend, suffix, "
                   "decode, batch or "
                   "mixed\n",
                   argv[i]);
      return 2;
    }
  }
  if (options.names.empty()) options.names = names;
  return cacheblend::cuda::Run(options);
}
