#include <cuda_runtime_api.h>

#include "kernels/cuda/check.h"
#include "kernels/cuda/tensor_map.h"

namespace cacheblend::cuda {
namespace {

using Encode = decltype(&cuTensorMapEncodeTiled);

// Looked up through the runtime, so that the library does not link to libcuda.
Encode FindEncode() {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult result;
#if CUDART_VERSION >= 12050
  constexpr unsigned kSinceCuda = 12000;
  const cudaError_t found = cudaGetDriverEntryPointByVersion(
      "cuTensorMapEncodeTiled", &function, kSinceCuda, cudaEnableDefault, &result);
#else
  const cudaError_t found =
      cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &function, cudaEnableDefault, &result);
#endif
  Check(found, "driver entry point cuTensorMapEncodeTiled");
  if (result != cudaDriverEntryPointSuccess) {
    throw CudaError(cudaErrorSymbolNotFound, "driver entry point cuTensorMapEncodeTiled");
  }
  return reinterpret_cast<Encode>(function);
}

}  // namespace

template <int kRank>
CUtensorMap MakeTensorMap(const TensorMapParams<kRank>& p, const char* what) {
  static const Encode encode = FindEncode();
  cuuint32_t every[kRank];
  for (cuuint32_t& step : every) step = 1;
  cuuint64_t sizes[kRank], strides[kRank - 1];
  for (int i = 0; i < kRank; ++i) sizes[i] = p.sizes[i];
  for (int i = 0; i < kRank - 1; ++i) strides[i] = p.strides[i];
  const CUtensorMapDataType type = p.type == ElementType::kFloat16
                                       ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16
                                       : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  CUtensorMap map;
  const CUresult result =
      encode(&map, type, kRank, const_cast<void*>(p.data), sizes, strides, p.box.data(), every,
             CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
             CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS) throw CudaError(cudaErrorInvalidValue, what);
  return map;
}

template CUtensorMap MakeTensorMap<3>(const TensorMapParams<3>&, const char*);

}  // namespace cacheblend::cuda
