#include "kernels/cuda/tensor_map.h"

#include <cuda_runtime_api.h>

#include "kernels/cuda/check.h"

namespace cacheblend::cuda {
namespace {

using Encode = decltype(&cuTensorMapEncodeTiled);

// Through the runtime, so that nothing links to the driver's library.
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
  Check(found, "look-up of cuTensorMapEncodeTiled in the driver");
  if (result != cudaDriverEntryPointSuccess) {
    throw CudaError(cudaErrorSymbolNotFound, "look-up of cuTensorMapEncodeTiled in the driver");
  }
  return reinterpret_cast<Encode>(function);
}

}  // namespace

template <int kDimensions>
CUtensorMap BoxedTensor<kDimensions>::Map(const char* what) const {
  static const Encode encode = FindEncode();
  constexpr cuuint32_t kEvery[] = {1, 1, 1};
  static_assert(kDimensions <= 3);
  const CUtensorMapDataType map_type = type == ElementType::kFloat16
                                           ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16
                                           : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  const CUtensorMapSwizzle swizzle =
      box[0] == 64 ? CU_TENSOR_MAP_SWIZZLE_128B : CU_TENSOR_MAP_SWIZZLE_32B;
  CUtensorMap map;
  const CUresult result =
      encode(&map, map_type, kDimensions, const_cast<void*>(data), sizes, strides, box, kEvery,
             CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
             CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS) throw CudaError(cudaErrorInvalidValue, what);
  return map;
}

template struct BoxedTensor<2>;
template struct BoxedTensor<3>;

}  // namespace cacheblend::cuda
