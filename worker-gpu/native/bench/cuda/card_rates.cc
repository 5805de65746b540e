#include "bench/cuda/card_rates.h"

#include <cuda_bf16.h>
#include <dlfcn.h>
#include <library_types.h>

#include <random>
#include <stdexcept>
#include <vector>

#include "bench/cuda/timing.h"
#include "test/cuda/partial_attention_step.h"

namespace cacheblend::cuda {
namespace {

// The subset of the cuBLAS API that is used. Not every CUDA installation has the headers.
using Handle = void*;
using CreateFunction = int(Handle*);
using DestroyFunction = int(Handle);
using SetStreamFunction = int(Handle, cudaStream_t);
using GemmFunction = int(Handle, int, int, int, int, int, const void*, const void*, cudaDataType,
                         int, const void*, cudaDataType, int, const void*, void*, cudaDataType, int,
                         int, int);
constexpr int kNotTransposed = 0, kComputeFloat32 = 68, kDefaultAlgorithm = -1;

void* LoadCublas() {
  for (const char* name : {"libcublas.so.13", "libcublas.so.12", "libcublas.so"}) {
    if (void* library = dlopen(name, RTLD_NOW)) return library;
  }
  return nullptr;
}

template <typename Function>
Function* Symbol(void* library, const char* name) {
  auto* function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) throw std::runtime_error(std::string("cuBLAS lacks ") + name);
  return function;
}

void Expect(int status) {
  if (status != 0) throw std::runtime_error("cuBLAS status " + std::to_string(status));
}

DeviceArray<__nv_bfloat16> RandomMatrix(int64_t count, int seed) {
  std::minstd_rand random(seed);
  std::vector<__nv_bfloat16> matrix(count);
  for (auto& x : matrix) x = __float2bfloat16(random() / 1073741823.5f - 1);
  return DeviceArray<__nv_bfloat16>(matrix);
}

}  // namespace

double GemmTeraflops() {
  void* library = LoadCublas();
  if (library == nullptr) return 0;
  constexpr int kSize = 8192;
  constexpr int64_t kCount = int64_t{kSize} * kSize;
  const auto a = RandomMatrix(kCount, 1), b = RandomMatrix(kCount, 2);
  const DeviceArray<__nv_bfloat16> c(kCount);
  const float one = 1, zero = 0;
  Handle handle;
  Expect(Symbol<CreateFunction>(library, "cublasCreate_v2")(&handle));
  auto* set_stream = Symbol<SetStreamFunction>(library, "cublasSetStream_v2");
  auto* gemm = Symbol<GemmFunction>(library, "cublasGemmEx");
  const double seconds = SecondsPerLaunch(5, [&](int, cudaStream_t stream) {
    Expect(set_stream(handle, stream));
    Expect(gemm(handle, kNotTransposed, kNotTransposed, kSize, kSize, kSize, &one, a.data(),
                CUDA_R_16BF, kSize, b.data(), CUDA_R_16BF, kSize, &zero, c.data(), CUDA_R_16BF,
                kSize, kComputeFloat32, kDefaultAlgorithm));
  });
  Expect(Symbol<DestroyFunction>(library, "cublasDestroy_v2")(handle));
  return 2.0 * kSize * kSize * kSize / seconds / 1e12;
}

double CopyGigabytes() {
  constexpr int64_t kBytes = int64_t{4} << 30;
  const DeviceArray<uint8_t> from(kBytes), to(kBytes);
  const StreamTimer timer;
  const double seconds = timer.MedianSeconds([&] {
    Check(cudaMemcpyAsync(to.data(), from.data(), kBytes, cudaMemcpyDeviceToDevice, timer.stream()),
          "copy");
  });
  return 2.0 * kBytes / seconds / 1e9;
}

}  // namespace cacheblend::cuda
